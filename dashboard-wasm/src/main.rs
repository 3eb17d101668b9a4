//! The shell: starts the dashboard in the page that loaded it.

fn main() {
    #[cfg(target_arch = "wasm32")]
    dashboard_wasm::ui::start();
}
