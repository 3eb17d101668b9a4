//! Where in the dashboard one is: the page, and what is looked at. The browser's address says both, and its back and
//! forward buttons work.

use leptos::prelude::*;

use super::bind::effect;
use crate::browser::listener::Listener;
use crate::browser::page;
use crate::model::route::Route;
use crate::model::view::View;

/// Where one is; a copy is the same place. In the context of every component.
#[derive(Clone, Copy)]
pub struct Place {
    route: RwSignal<Route>,
    view: RwSignal<View>,
}

impl Place {
    /// Where the browser's address says.
    pub fn start() -> Self {
        let place = Self { route: RwSignal::new(Self::route_now()), view: RwSignal::new(Self::view_now()) };
        let listener = Listener::new(&window(), "popstate", move || {
            place.route.set(Self::route_now());
            place.view.set(Self::view_now());
        });
        StoredValue::new_local(listener);
        let mut before = None::<Route>;
        effect(move || {
            let route = place.route.get();
            if before.is_some_and(|before| before != route) {
                page::focus_main();
            }
            before = Some(route);
        });
        place
    }

    /// The place this component is at.
    pub fn get() -> Self {
        expect_context()
    }

    fn route_now() -> Route {
        Route::from_path(&page::path())
    }

    fn view_now() -> View {
        View::parse(&page::search())
    }

    /// The page; whoever reads it is called again when it changes.
    pub fn route(self) -> Route {
        self.route.get()
    }

    /// What is looked at, or a part of it, as a memo.
    pub fn see<T: Clone + PartialEq + Send + Sync + 'static>(self, of: fn(&View) -> T) -> Memo<T> {
        Memo::new(move |_| self.view.with(of))
    }

    /// What is looked at, for an event.
    pub fn view(self) -> View {
        self.view.get_untracked()
    }

    /// The address of another page that looks at the same.
    pub fn address(self, route: Route) -> String {
        let is_here = route == self.route.get();
        let view = self.view.get();
        format!("{}{}", route.path(), if is_here { view } else { view.elsewhere() }.print())
    }

    /// Goes to another page.
    pub fn go(self, route: Route) {
        let view = self.view().elsewhere();
        page::set_address(&format!("{}{}", route.path(), view.print()), true);
        self.view.set(view);
        self.route.set(route);
    }

    /// Looks at something else.
    pub fn change(self, act: impl FnOnce(&mut View)) {
        let before = self.view();
        let mut view = before.clone();
        act(&mut view);
        if view == before {
            return;
        }
        let address = format!("{}{}", self.route.get_untracked().path(), view.print());
        page::set_address(&address, view.is_step_from(&before));
        self.view.set(view);
    }
}
