//! A browser of paper for the tests of the core: it tells the tracker what happens and does what it says.

use protocol::decode;
use protocol::event::{Batch, EventKind};

use super::{Call, Commands, Core, Op, Scroll};

/// A request as the server sees it.
#[derive(Debug, Clone)]
pub(super) struct Post {
    pub(super) number: u32,
    pub(super) dropped: u32,
    pub(super) batch: Batch,
}

/// A page, a storage and a clock that only move when told to.
pub(super) struct Lab {
    core: Box<Core>,
    pub(super) now: u64,
    pub(super) visible: bool,
    pub(super) focused: bool,
    pub(super) url: String,
    pub(super) title: String,
    pub(super) scroll: Scroll,
    pub(super) consent: u32,
    pub(super) hooked: bool,
    pub(super) identity: String,
    pub(super) unsent: String,
    pub(super) writes: u32,
    /// When the tracker wants to be woken.
    pub(super) wake_at: Option<u64>,
    /// Requests that were not answered yet.
    pub(super) posts: Vec<Post>,
    /// Events shown to the site's hook.
    pub(super) shown: Vec<String>,
    seed: u32,
    /// The server's clock: nobody sets it back.
    server: u64,
}

impl Lab {
    /// A visible page with the focus, on which nothing runs yet.
    pub(super) fn new() -> Self {
        Self {
            core: Box::new(Core::new()),
            now: 1_763_866_800_000,
            visible: true,
            focused: true,
            url: "https://shop.example/".into(),
            title: "Home".into(),
            scroll: Scroll { bottom: 700, height: 1_000 },
            consent: 0,
            hooked: false,
            identity: String::new(),
            unsent: String::new(),
            writes: 0,
            wake_at: None,
            posts: Vec::new(),
            shown: Vec::new(),
            seed: 0,
            server: 0,
        }
    }

    /// A page on which the tracker has started.
    pub(super) fn started() -> Self {
        let mut lab = Self::new();
        lab.start();
        lab
    }

    /// Starts the tracker on this page.
    pub(super) fn start(&mut self) {
        self.seed += 1;
        self.tell(Op::Start, self.seed, 7, 0, "");
    }

    /// The next page of the same visitor, or another tab: same storage, same time.
    pub(super) fn next(&mut self) -> Self {
        let mut lab = Self::new();
        (lab.now, lab.identity) = (self.now, self.identity.clone());
        (lab.url, lab.seed) = (self.url.clone(), self.seed + 100);
        lab
    }

    /// Says that something without numbers or texts of its own happened.
    pub(super) fn say(&mut self, op: Op) {
        self.tell(op, 0, 0, 0, "");
    }

    /// Says that something happened, and obeys.
    pub(super) fn tell(&mut self, op: Op, a: u32, b: u32, c: u32, rest: &str) {
        self.server = self.server.max(self.now);
        // What is kept is hidden from the tracker until the visitor agrees.
        let identity = if self.consent == 0 { self.identity.as_str() } else { "" };
        let text = format!("{identity}\0{}\0https://search.example/\0{}\0{rest}", self.url, self.title);
        let flags = u32::from(self.visible) * 16 + u32::from(self.focused) * 32 + u32::from(self.hooked) * 64;
        self.core.tell(Call {
            op: op as u32 | flags | self.consent << 7,
            now: self.now,
            a,
            b,
            c,
            bottom: self.scroll.bottom,
            height: self.scroll.height,
            text: text.as_bytes(),
        });
        let answer = String::from_utf8(self.core.answer().to_vec()).unwrap();
        for command in answer.split_terminator('\0') {
            self.obey(command.as_bytes()[0], &command[1..]);
        }
    }

    fn obey(&mut self, command: u8, rest: &str) {
        match command {
            Commands::IDENTITY if self.consent == 0 => {
                self.writes += 1;
                self.identity = rest.into();
            }
            Commands::UNSENT if self.consent == 0 => self.unsent = rest.into(),
            Commands::IDENTITY | Commands::UNSENT => {}
            Commands::TIMER => self.wake_at = rest.parse().ok().map(|wait: u64| self.now + wait),
            Commands::POST => self.post(rest),
            Commands::HOOK => self.shown.push(rest.into()),
            other => panic!("unknown command {other}"),
        }
    }

    /// Puts the batch together as `js/start.js` does, and reads it as the worker does.
    fn post(&mut self, rest: &str) {
        let parts: Vec<_> = rest.splitn(6, '\t').collect();
        let [number, dropped, user, session, person, events] = parts.as_slice() else { panic!("{rest}") };
        let body = format!(
            r#"{{"v":1,"site_id":"demo","user_id":"{user}","session_id":"{session}","person_id":"{person}","sent_at":{},"context":{{}},"events":[{events}]}}"#,
            self.now
        );
        assert!(body.len() <= super::MAX_BODY_BYTES, "{} bytes", body.len());
        let decoded = decode::batch(body.as_bytes()).unwrap_or_else(|error| panic!("{error}: {body}"));
        for receipt in &decoded.receipts {
            assert_eq!(receipt.reason, None, "{body}");
        }
        let (number, dropped) = (number.parse().unwrap(), dropped.parse().unwrap());
        self.posts.push(Post { number, dropped, batch: decoded.batch });
    }

    /// Answers everything under way, and what follows from that, with a status; returns what was sent.
    pub(super) fn answer(&mut self, status: u32, retry_after_s: u32) -> Vec<Post> {
        let posts = std::mem::take(&mut self.posts);
        for post in &posts {
            self.tell(Op::Answered, post.number, status, retry_after_s, "");
        }
        posts
    }

    /// Sends everything at once and lets it arrive.
    pub(super) fn flush(&mut self) -> Vec<Post> {
        let mut sent = Vec::new();
        loop {
            self.say(Op::Flush);
            if self.posts.is_empty() {
                return sent;
            }
            sent.extend(self.answer(200, 0));
        }
    }

    /// Lets time pass, waking the tracker whenever it wants to be woken and answering everything with 200.
    pub(super) fn pass(&mut self, ms: u64) -> Vec<Post> {
        let end = self.now + ms;
        let mut sent = self.answer(200, 0);
        while let Some(at) = self.wake_at.filter(|at| *at <= end) {
            self.now = at.max(self.now);
            self.wake_at = None;
            self.say(Op::Look);
            sent.extend(self.answer(200, 0));
        }
        self.now = end;
        sent
    }

    pub(super) fn act(&mut self, body: &str) {
        self.tell(Op::Act, 0, 0, 0, body);
    }

    pub(super) fn click(&mut self) {
        self.act(r#""type":"click","target":{"kind":"marked","name":"x"}"#);
    }

    pub(super) fn go_to(&mut self, url: &str, replaced: bool) {
        self.url = url.into();
        self.tell(Op::Navigated, replaced.into(), 0, 0, "");
    }

    pub(super) fn show(&mut self, visible: bool) {
        self.visible = visible;
        self.say(Op::Look);
    }
}

/// Types of the events in some requests, final heartbeats as `final`.
pub(super) fn types(posts: &[Post]) -> Vec<&'static str> {
    let kinds = posts.iter().flat_map(|post| &post.batch.events).map(|event| &event.kind);
    kinds
        .map(|kind| match kind {
            EventKind::Heartbeat(beat) if beat.last => "final",
            EventKind::Heartbeat(_) => "heartbeat",
            EventKind::PageView(_) => "page_view",
            EventKind::Click(_) => "click",
            EventKind::Conversion(_) => "conversion",
            EventKind::Custom(_) => "custom",
        })
        .collect()
}
