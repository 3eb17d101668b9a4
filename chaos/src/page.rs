//! One page with the tracker on it: the core that also runs in browsers, told what happens and obeyed as
//! `tracker-wasm/js/start.js` does it.

use std::collections::BTreeMap;

use tracker_wasm::core::{Call, Commands, Core, Op};

/// What a browser keeps for the site.
#[derive(Debug, Default)]
pub(crate) struct Storage {
    pub(crate) identity: String,
    /// Unsent events, by the name of the page that left them.
    pub(crate) unsent: BTreeMap<u64, String>,
}

/// A request that the tracker wants to be sent.
#[derive(Debug, Clone)]
pub(crate) struct Post {
    /// What the tracker calls it.
    pub(crate) number: u32,
    /// Events it says it threw away.
    pub(crate) dropped: u64,
    pub(crate) body: String,
}

/// The page.
pub(crate) struct Page {
    core: Box<Core>,
    /// Under which name its unsent events are kept.
    pub(crate) name: u64,
    pub(crate) url: String,
    pub(crate) referrer: &'static str,
    cookieless: bool,
    pub(crate) visible: bool,
    /// When the tracker wants to be woken, by the browser's clock.
    pub(crate) wake_at: Option<u64>,
    /// What is to be sent.
    pub(crate) posts: Vec<Post>,
    site: &'static str,
}

impl Page {
    /// A page that is shown; nothing runs yet.
    pub(crate) fn new(
        site: &'static str,
        name: u64,
        url: String,
        referrer: &'static str,
        cookieless: bool,
    ) -> Self {
        Self {
            core: Box::new(Core::new()),
            name,
            url,
            referrer,
            cookieless,
            visible: true,
            wake_at: None,
            posts: Vec::new(),
            site,
        }
    }

    /// Starts the tracker, and has it take up what earlier pages left; gives back how many events that is.
    pub(crate) fn start(&mut self, storage: &mut Storage, now: u64, seed: [u32; 2]) -> u64 {
        self.tell(storage, now, Op::Start, seed, "");
        let mut adopted = 0;
        if !self.cookieless {
            for (name, lines) in std::mem::take(&mut storage.unsent) {
                if name == self.name {
                    storage.unsent.insert(name, lines);
                } else {
                    adopted += lines.lines().count() as u64;
                    self.tell(storage, now, Op::Adopt, [1, 0], &lines);
                }
            }
        }
        adopted
    }

    /// Says that something without numbers or texts of its own happened.
    pub(crate) fn say(&mut self, storage: &mut Storage, now: u64, op: Op) {
        self.tell(storage, now, op, [0, 0], "");
    }

    /// The visitor does something that is an event.
    pub(crate) fn act(&mut self, storage: &mut Storage, now: u64, what: &str) {
        self.tell(storage, now, Op::Act, [0, 0], what);
    }

    /// Goes on to another address without a new document.
    pub(crate) fn navigate(&mut self, storage: &mut Storage, now: u64, url: String) {
        self.url = url;
        self.say(storage, now, Op::Navigated);
    }

    /// A request was answered; status 0 if it was not.
    pub(crate) fn answered(
        &mut self,
        storage: &mut Storage,
        now: u64,
        post: u32,
        status: u16,
        retry_after: u32,
    ) {
        self.call(storage, now, Op::Answered, [post, status.into(), retry_after], "");
    }

    fn tell(&mut self, storage: &mut Storage, now: u64, op: Op, [a, b]: [u32; 2], rest: &str) {
        self.call(storage, now, op, [a, b, 0], rest);
    }

    fn call(&mut self, storage: &mut Storage, now: u64, op: Op, [a, b, c]: [u32; 3], rest: &str) {
        let identity = if self.cookieless { "" } else { &storage.identity };
        let text = format!("{identity}\0{}\0{}\0Haneul Coffee\0{rest}", self.url, self.referrer);
        let flags = (u32::from(self.visible) * (16 + 32)) | (u32::from(self.cookieless) << 7);
        let (bottom, height) = (900, 2_400);
        self.core.tell(Call { op: op as u32 | flags, now, a, b, c, bottom, height, text: text.as_bytes() });
        let answer = String::from_utf8_lossy(self.core.answer()).into_owned();
        for command in answer.split_terminator('\0') {
            if let Some((kind, rest)) = command.as_bytes().first().zip(command.get(1..)) {
                self.obey(storage, now, *kind, rest);
            }
        }
    }

    fn obey(&mut self, storage: &mut Storage, now: u64, command: u8, rest: &str) {
        match command {
            Commands::TIMER => self.wake_at = rest.parse().ok().map(|wait: u64| now + wait),
            Commands::POST => self.posts.extend(self.post(now, rest)),
            _ if self.cookieless => {}
            Commands::IDENTITY => rest.clone_into(&mut storage.identity),
            Commands::UNSENT if rest.is_empty() => drop(storage.unsent.remove(&self.name)),
            Commands::UNSENT => drop(storage.unsent.insert(self.name, rest.to_owned())),
            _ => {}
        }
    }

    /// Puts a batch together.
    fn post(&self, now: u64, rest: &str) -> Option<Post> {
        let parts: Vec<&str> = rest.splitn(6, '\t').collect();
        let [number, dropped, user, session, _, events] = parts.as_slice() else { return None };
        let dropped: u64 = dropped.parse().ok()?;
        let cookieless = if self.cookieless { r#","cookieless":true"# } else { "" };
        let told = if dropped > 0 { format!(r#","dropped":{dropped}"#) } else { String::new() };
        let body = format!(
            r#"{{"v":1,"site_id":"{}","user_id":"{user}","session_id":"{session}"{cookieless}{told},"sent_at":{now},"context":{{"screen":[1920,1080],"viewport":[1280,720],"url":"{}","language":"ko-KR","time_zone":"Asia/Seoul"}},"events":[{events}]}}"#,
            self.site, self.url
        );
        Some(Post { number: number.parse().ok()?, dropped, body })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: u64 = 1_763_866_800_000;

    fn page(name: u64) -> Page {
        Page::new("chaos", name, "https://shop.example/".into(), "", false)
    }

    #[test]
    fn what_a_page_could_not_send_the_next_one_does() {
        let mut storage = Storage::default();
        let mut first = page(1);
        first.start(&mut storage, NOW, [1, 2]);
        first.say(&mut storage, NOW + 300, Op::Look);
        let post = first.posts.pop().unwrap();
        first.answered(&mut storage, NOW + 400, post.number, 0, 0);
        first.visible = false;
        first.say(&mut storage, NOW + 500, Op::Go);
        assert_eq!(storage.unsent.keys().collect::<Vec<_>>(), [&1]);

        let mut second = page(2);
        // The page view and the last heartbeat.
        assert_eq!(second.start(&mut storage, NOW + 1_000, [3, 4]), 2);
        second.say(&mut storage, NOW + 1_300, Op::Look);
        let sent = protocol::decode::batch(second.posts.pop().unwrap().body.as_bytes()).unwrap();
        assert_eq!(sent.batch.events.len(), 3);
    }
}
