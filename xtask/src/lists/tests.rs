use super::*;
use crate::files::tests::Scratch;

fn made(make: fn(&[String]) -> Result<String>, texts: &[&str]) -> String {
    make(&texts.iter().map(ToString::to_string).collect::<Vec<_>>()).unwrap()
}

const ASSISTANTS: &str = "ChatGPT:\n  - chatgpt.com\n\nGrok:\n  - grok.com\n  - x.com/i/grok\n";
const SOCIALS: &str = "\"Hacker News\":\n  - news.ycombinator.com\n\nGoogle%2B:\n  - plus.google.com\nFacebook:\n  - facebook.com\n";
const ENGINES: &str = "# comment\nAsk:\n  -\n    urls:\n      - ask.com\n      - '{}.ask.com'\n      - 'images.{}.ask.com'\n    \
                       params:\n      - q\n    backlink: 'web?q={k}'\n  -\n    urls:\n      - www.ask.co.uk\n    params:\n      \
                       - ask.it\nGoogle:\n  - \n    urls:\n      - google.com\n      - 'google.{}'\n    hiddenkeyword:\n      \
                       - '/^$/'\n  -\n    urls:\n      - www.cnn.com\n      - www.facebook.com\n";

#[test]
fn matomos_files_become_one_sorted_table() {
    assert_eq!(
        made(sources, &[ASSISTANTS, SOCIALS, ENGINES]),
        "ask.co.uk\tsAsk\nask.com\tsAsk\nchatgpt.com\taChatGPT\nfacebook.com\toFacebook\ngoogle.com\tsGoogle\n\
         google.{}\tsGoogle\ngrok.com\taGrok\nnews.ycombinator.com\toHacker News\nplus.google.com\toGoogle+\n"
    );
}

#[test]
fn a_changed_form_is_an_error_and_no_empty_list() {
    let error =
        |make: fn(&[String]) -> Result<String>, text: &str| make(&[text.to_owned()]).unwrap_err().to_string();
    assert!(error(sources, "<html>\n").contains("<html>"));
    assert!(error(sources, "").contains("lists no host"));
    assert!(error(spammers, "404: not found").contains("empty"));
    assert!(error(ai_crawlers, "{}").contains("names no crawler"));
    assert!(error(isbot, "export {}").contains("no list of patterns"));
    assert!(error(isbot, "var patterns_default = [1];").contains("cannot stand on a line"));
}

#[test]
fn whole_domains_are_no_spammers() {
    assert_eq!(made(spammers, &[".shop\nb.ru\nA.com\n\nb.ru\nlocalhost\n"]), "a.com\nb.ru\n");
}

#[test]
fn crawlers_lose_versions_and_common_words() {
    let robots = "User-agent: GPTBot\nUser-agent: MistralAI-User/1.0\nUser-agent: Brightbot 1.0\nUser-agent: Spider\n\
                  User-agent: Kangaroo Bot\nUser-agent: *\nDisallow: /\n";
    assert_eq!(
        made(ai_crawlers, &[robots]),
        "brightbot\tBrightbot\ngptbot\tGPTBot\nkangaroo bot\tKangaroo Bot\nmistralai-user\tMistralAI-User\n"
    );
}

#[test]
fn isbots_patterns_are_unescaped() {
    let module =
        "// src\nvar patterns_default = [\n  \" daum[ /]\",\n  \"\\\\bperl\\\\b\"\n];\nvar full = \"\";\n";
    assert_eq!(made(isbot, &[module]), " daum[ /]\n\\bperl\\b\n");
}

#[test]
fn every_list_says_what_it_is_before_its_lines() {
    let scratch = Scratch::new("lists");
    fs::write(scratch.0.join("spammers.txt"), "b.ru\na.ru\n").unwrap();
    let spam = LISTS.iter().find(|list| list.file == "spammers.txt").unwrap();
    let text = refreshed(spam, Some(&scratch.0), &scratch.0).unwrap();
    let (comments, lines): (Vec<_>, Vec<_>) = text.lines().partition(|line| line.starts_with('#'));
    assert!(comments[0].contains("CC0-1.0"));
    assert_eq!(lines, ["a.ru", "b.ru"]);
    for list in &LISTS {
        assert!(!list.about.is_empty() && !list.from.is_empty());
    }
}

#[test]
fn a_list_that_cannot_be_read_is_left_as_it_was() {
    let scratch = Scratch::new("lists-missing");
    let spam = LISTS.iter().find(|list| list.file == "spammers.txt").unwrap();
    assert!(refreshed(spam, Some(&scratch.0), &scratch.0).unwrap_err().to_string().contains("spammers.txt"));
    let file = scratch.0.join("kept.txt");
    assert_eq!(replace(&file, "a\nb\n").unwrap(), "2 lines, 2 new, 0 gone");
    assert_eq!(replace(&file, "b\nc\n").unwrap(), "2 lines, 1 new, 1 gone");
    assert_eq!(fs::read_to_string(&file).unwrap(), "b\nc\n");
}
