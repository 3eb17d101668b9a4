//! How many readers the hubs of this isolate are connected with: a number that each changes and all share, because
//! measurements are the isolate's.

use std::cell::Cell;

thread_local! {
    static OPEN: Cell<usize> = const { Cell::new(0) };
}

/// One hub's part of the number; it goes when the hub does.
#[derive(Debug, Default)]
pub(super) struct Open(Cell<usize>);

impl Open {
    /// Sets this hub's part; gives back the number of all.
    pub(super) fn set(&self, own: usize) -> usize {
        let before = self.0.replace(own);
        OPEN.with(|all| {
            all.set((all.get() + own).saturating_sub(before));
            all.get()
        })
    }
}

impl Drop for Open {
    fn drop(&mut self) {
        self.set(0);
    }
}
