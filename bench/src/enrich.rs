//! `enrich`: how often the parsers of visitors' requests are right, on data that nobody here wrote, and how long
//! they take on this machine.

mod names;
mod sets;

use std::hint::black_box;
use std::time::Instant;

use anyhow::{Context, bail};
use enrich::{Agent, Hints};

use crate::figures::Figures;
use crate::given;
use sets::Labelled;

/// Measures. With `--errors` each difference is printed, too.
pub(crate) fn run(options: &[String]) -> anyhow::Result<()> {
    let verbose = match options {
        [] => false,
        [option] if option == "--errors" => true,
        _ => bail!("the only option is --errors, which prints each difference"),
    };
    let root = given("LIVEINSIGHT_ROOT")?;
    let agents = given("LIVEINSIGHT_AGENTS")
        .context("the packages with user agents could not be had: check that npm can reach its registry")?;
    let uap_core = sets::uap_core()?;
    let mut figures = Figures::default();

    let mut visits = sets::visits(&agents)?;
    label(&mut visits, &uap_core)?;
    println!(
        "enrich.visits: {} user agents of people, as often as they are seen (npm user-agents): browser and system \
         beside uap-core's rules, which are not always right either, device beside the one recorded",
        visits.len()
    );
    compare(&mut figures, "visits", &visits, verbose);

    let browsers = sets::uap_browsers(&uap_core)?;
    let systems = sets::uap_systems(&uap_core)?;
    println!(
        "enrich.uap: uap-core's own tests that look like a browser's and are no bot's, {} of browsers, {} of systems: \
         old and odd ones, few of them still seen; our tables were amended after reading what differed",
        browsers.len(),
        systems.len()
    );
    compare(&mut figures, "uap", &browsers, verbose);
    compare(&mut figures, "uap", &systems, verbose);

    let tail = sets::matomo(&agents)?;
    if tail.is_empty() {
        println!("enrich.tail: left out, because pip could not bring Matomo's fixtures");
    } else {
        println!(
            "enrich.tail: {} browsers among the fixtures of Matomo's device detector (PyPI device-detector): one of \
             each kind ever reported, so rare ones count as much as common ones; our tables were amended after \
             reading what differed",
            tail.len()
        );
        compare(&mut figures, "tail", &tail, verbose);
    }

    bots(&mut figures, &sets::crawlers(&agents)?, &visits, &tail, verbose);
    speed(&mut figures, &visits);
    figures.publish(&root, "enrich")
}

/// Fills in what uap-core's rules say of the user agents.
fn label(visits: &mut [Labelled], uap_core: &std::path::Path) -> anyhow::Result<()> {
    let rules: ua_parser::Regexes<'_> = sets::yaml(&uap_core.join("regexes.yaml"))?;
    let reference = ua_parser::Extractor::try_from(rules).context("uap-core's rules do not compile")?;
    for visit in visits {
        let (browser, os, _) = reference.extract(&visit.user_agent);
        if let Some(browser) = browser {
            visit.browser = names::browser(&browser.family).to_owned();
            visit.major = browser.major.unwrap_or_default().to_owned();
        }
        if let Some(os) = os {
            visit.os = names::system(&os.os).to_owned();
        }
    }
    Ok(())
}

/// Of how many cases something is right.
#[derive(Debug, Default)]
struct Share {
    right: usize,
    of: usize,
}

impl Share {
    fn count(&mut self, right: bool) {
        self.right += usize::from(right);
        self.of += 1;
    }

    fn add(&self, figures: &mut Figures, name: &str) {
        if self.of > 0 {
            figures.add(name, percent(self.right, self.of), format!("% of {}", self.of));
        }
    }
}

fn percent(part: usize, whole: usize) -> f64 {
    100.0 * part as f64 / whole as f64
}

/// Compares each thing that a set says with what we say.
fn compare(figures: &mut Figures, set: &str, cases: &[Labelled], verbose: bool) {
    let (mut family, mut version, mut os, mut device) = <(Share, Share, Share, Share)>::default();
    for case in cases {
        let found = enrich::parse(&case.user_agent, &Hints::default());
        if !case.browser.is_empty() {
            let same = found.browser == case.browser;
            family.count(same);
            let same_version = same && major(&found) == case.major;
            version.count(same_version);
            if verbose && same && !same_version {
                println!(
                    "{set} version {} {:?}, not {:?}: {}",
                    found.browser,
                    major(&found),
                    case.major,
                    case.user_agent
                );
            }
            if verbose && !same {
                println!("{set} browser {:?}, not {:?}: {}", found.browser, case.browser, case.user_agent);
            }
        }
        if !case.os.is_empty() {
            let same = names::system(found.os) == case.os;
            os.count(same);
            if verbose && !same {
                println!("{set} system {:?}, not {:?}: {}", found.os, case.os, case.user_agent);
            }
        }
        if let Some(wanted) = case.device {
            let same = found.device.as_str() == wanted;
            device.count(same);
            if verbose && !same {
                println!("{set} device {:?}, not {wanted:?}: {}", found.device.as_str(), case.user_agent);
            }
        }
    }
    family.add(figures, &format!("enrich.{set}.browser.family_percent"));
    version.add(figures, &format!("enrich.{set}.browser.version_percent"));
    os.add(figures, &format!("enrich.{set}.os.family_percent"));
    device.add(figures, &format!("enrich.{set}.device_percent"));
}

fn major(agent: &Agent) -> &str {
    agent.browser_version.split('.').next().unwrap_or_default()
}

/// How many programs are found, and how many people are taken for programs.
fn bots(figures: &mut Figures, crawlers: &[String], visits: &[Labelled], tail: &[Labelled], verbose: bool) {
    println!(
        "enrich.bots: {} user agents of programs (npm crawler-user-agents): isbot, whose patterns are used, is tested \
         with this very list, so the recall is an upper bound; isbot's own fixtures are in no package",
        crawlers.len()
    );
    let is_bot = |user_agent: &str| enrich::judge(user_agent, &Hints::default()).is_some();
    let mut recall = Share::default();
    for crawler in crawlers {
        let found = is_bot(crawler);
        recall.count(found);
        if verbose && !found {
            println!("no bot: {crawler}");
        }
    }
    recall.add(figures, "enrich.bots.recall_percent");
    let mut of_people = |name: &str, people: &[Labelled]| {
        let mut taken = Share::default();
        for person in people {
            let found = is_bot(&person.user_agent);
            taken.count(found);
            if verbose && found {
                println!("a bot: {}", person.user_agent);
            }
        }
        taken.add(figures, name);
    };
    of_people("enrich.bots.false_positive_percent", visits);
    of_people("enrich.bots.tail_false_positive_percent", tail);
}

/// Microseconds a call, over visits as they are seen.
fn speed(figures: &mut Figures, visits: &[Labelled]) {
    let hints = Hints::default();
    let agents: Vec<&str> = visits.iter().map(|visit| visit.user_agent.as_str()).collect();
    let referrers = [
        "https://www.google.com/",
        "https://search.naver.com/search.naver?query=x",
        "https://l.facebook.com/",
        "android-app://com.kakao.talk/",
        "https://a.blog.example.org/post",
        "https://chatgpt.com/",
    ];
    let query = "utm_source=naver&utm_medium=cpc&utm_campaign=%EC%97%AC%EB%A6%84&gclid=Cj0KCQ&page=2&q=shoes";
    let campaign = enrich::campaign(query);
    time(figures, "agent", &agents, |agent| drop(black_box(enrich::parse(agent, &hints))));
    time(figures, "bots", &agents, |agent| {
        black_box(enrich::judge(agent, &hints));
    });
    time(figures, "referrer", &referrers, |referrer| {
        drop(black_box(enrich::source(referrer, "shop.example")));
    });
    time(figures, "spam", &["a.blog.example.org", "search.naver.com", "www.google.com"], |host| {
        black_box(enrich::is_spam(host));
    });
    time(figures, "campaign", &[query], |query| drop(black_box(enrich::campaign(query))));
    time(figures, "channel", &referrers, |referrer| {
        black_box(enrich::channel(&campaign, enrich::source(referrer, "shop.example").as_ref()));
    });
}

/// Calls enough for the clock, whatever a call takes here.
const CALLS: usize = 40_000;

fn time(figures: &mut Figures, what: &str, inputs: &[&str], call: impl Fn(&str)) {
    let round = |calls: usize| {
        let start = Instant::now();
        for input in inputs.iter().cycle().take(calls) {
            call(black_box(input));
        }
        start.elapsed()
    };
    round(CALLS / 10);
    let elapsed = round(CALLS);
    let unit = match what {
        // On the edge the engine's regular expressions do this, several times faster.
        "bots" => "us a call, native with fancy-regex",
        _ => "us a call, native",
    };
    figures.add(format!("enrich.{what}.us"), elapsed.as_secs_f64() * 1e6 / CALLS as f64, unit);
}
