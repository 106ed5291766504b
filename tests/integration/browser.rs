//! Pages in a browser: headless Chromium, driven by chromedriver over plain HTTP (`WebDriver`).

use crate::{html, triage};
use serde_json::{Value, json};
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// How long a page of 10,000 hooks may take to load where machines are busy.
const LOADING: Duration = Duration::from_secs(30);

#[expect(clippy::disallowed_methods, reason = "the time that a browser takes is no capture time")]
fn now() -> Instant {
    Instant::now()
}

/// A browser with one window.
struct Browser {
    driver: Child,
    port: u16,
    session: String,
    folder: tempfile::TempDir,
}

impl Browser {
    /// Starts one; `None` where it is not installed, which the checks do not accept.
    fn start() -> Option<Self> {
        let driver =
            Command::new("chromedriver").arg("--port=0").stdout(Stdio::piped()).stderr(Stdio::null()).spawn();
        let mut driver = match driver {
            Ok(driver) => driver,
            Err(error) => {
                assert!(std::env::var_os("CI").is_none(), "chromedriver is needed: {error}");
                println!("skipped: no chromedriver ({error})");
                return None;
            }
        };
        let mut lines = BufReader::new(driver.stdout.take().unwrap()).lines();
        let port = loop {
            let line = lines.next().expect("chromedriver tells its port").unwrap();
            if let Some((_, port)) = line.split_once("started successfully on port ") {
                break port.trim_end_matches('.').parse().unwrap();
            }
        };
        let folder = tempfile::tempdir().unwrap();
        let mut browser = Self { driver, port, session: String::new(), folder };
        let wanted = json!({ "capabilities": { "alwaysMatch": {
            "goog:chromeOptions": { "args": ["--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"] },
            "goog:loggingPrefs": { "browser": "ALL", "performance": "ALL" },
        } } });
        let session = browser.call("POST", "/session", &wanted);
        session["sessionId"].as_str().unwrap().clone_into(&mut browser.session);
        Some(browser)
    }

    /// A command of `WebDriver` and its answer.
    fn call(&self, method: &str, path: &str, body: &Value) -> Value {
        let body = if method == "POST" { body.to_string() } else { String::new() };
        let mut stream = TcpStream::connect(("127.0.0.1", self.port)).unwrap();
        stream.set_read_timeout(Some(Duration::from_secs(120))).unwrap();
        let length = body.len();
        let head =
            format!("{method} {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n");
        write!(stream, "{head}Connection: close\r\nContent-Length: {length}\r\n\r\n{body}").unwrap();
        let mut reader = BufReader::new(stream);
        let mut length = 0;
        let mut line = String::new();
        while reader.read_line(&mut line).unwrap() > 0 && line != "\r\n" {
            if let Some((name, value)) = line.split_once(':')
                && name.eq_ignore_ascii_case("content-length")
            {
                length = value.trim().parse().unwrap();
            }
            line.clear();
        }
        let mut answer = vec![0; length];
        reader.read_exact(&mut answer).unwrap();
        let answer: Value = serde_json::from_slice(&answer).unwrap();
        assert!(answer["value"]["error"].is_null(), "{method} {path}: {answer}");
        answer["value"].clone()
    }

    fn command(&self, path: &str, body: &Value) -> Value {
        self.call("POST", &format!("/session/{}{path}", self.session), body)
    }

    fn run(&self, script: &str) -> Value {
        self.command("/execute/sync", &json!({ "script": script, "args": [] }))
    }

    /// Opens a page from a file.
    fn open(&self, page: &str) -> PathBuf {
        let path = self.folder.path().join("report.html");
        std::fs::write(&path, page).unwrap();
        self.command("/url", &json!({ "url": format!("file://{}", path.display()) }));
        path
    }

    /// As wide as a telephone, or a screen.
    fn resize(&self, width: u16) {
        let parameters = json!({ "width": width, "height": 900, "deviceScaleFactor": 1, "mobile": false });
        let command = json!({ "cmd": "Emulation.setDeviceMetricsOverride", "params": parameters });
        self.command("/goog/cdp/execute", &command);
    }

    fn log(&self, kind: &str) -> Vec<Value> {
        self.command("/se/log", &json!({ "type": kind })).as_array().unwrap().clone()
    }

    /// Nothing was complained about, and nothing but the file was asked for.
    fn assert_quiet(&self, path: &std::path::Path) {
        let complaints = self.log("browser");
        assert!(complaints.is_empty(), "{complaints:#?}");
        for entry in self.log("performance") {
            let message: Value = serde_json::from_str(entry["message"].as_str().unwrap()).unwrap();
            if message["message"]["method"] == "Network.requestWillBeSent" {
                let url = message["message"]["params"]["request"]["url"].as_str().unwrap();
                let own = url.split('#').next() == Some(&format!("file://{}", path.display()));
                assert!(own || url == "about:blank" || url.starts_with("data:,"), "the page asked for {url}");
            }
        }
    }
}

impl Drop for Browser {
    fn drop(&mut self) {
        if !self.session.is_empty() && !std::thread::panicking() {
            self.call("DELETE", &format!("/session/{}", self.session), &Value::Null);
        }
        drop(self.driver.kill());
        drop(self.driver.wait());
    }
}

/// How many elements that a selector names can be seen.
const SEEN: &str = "const seen = (what) => [...document.querySelectorAll(what)].filter((at) => at.checkVisibility()).length;";

#[test]
fn folds_and_the_filter_work() {
    let Some(browser) = Browser::start() else { return };
    let path = browser.open(&html::of_sample("reconnect-succeeds.pcap"));
    let all = browser.run("return document.querySelectorAll('.step').length").as_u64().unwrap();
    assert!(all > 3);
    assert_eq!(browser.run(&format!("{SEEN} return seen('.step pre')")), 0);
    browser.run("document.querySelector('.session[open] .step summary').click()");
    assert!(browser.run(&format!("{SEEN} return seen('.step pre')")).as_u64().unwrap() >= 2);

    browser.run("document.getElementById('f-close').click()");
    assert_eq!(browser.run(&format!("{SEEN} return seen('.step')")), 0);
    browser.run("document.getElementById('f-open').click()");
    assert_eq!(browser.run(&format!("{SEEN} return seen('.step')")), all);

    let choose = "const at = document.getElementById('f-outcome'); at.value = 'declined'; at.dispatchEvent(new Event('change'));";
    browser.run(choose);
    let declined = browser.run("return document.querySelectorAll('.step.declined').length").as_u64().unwrap();
    assert_eq!(browser.run(&format!("{SEEN} return seen('.step')")), declined);
    assert!(declined > 0 && declined < all);
    let told = browser.run("return document.getElementById('f-count').textContent");
    assert_eq!(told, format!("{declined} of {all} hooks"));

    browser.run("document.getElementById('f-clear').click()");
    let field = browser.command("/element", &json!({ "using": "css selector", "value": "#f-text" }));
    let field = field.as_object().unwrap().values().next().unwrap().as_str().unwrap().to_owned();
    browser.command(&format!("/element/{field}/value"), &json!({ "text": "no such words" }));
    let started = now();
    while browser.run(&format!("{SEEN} return seen('.step')")) != 0 {
        assert!(started.elapsed() < LOADING, "the filter does nothing");
        std::thread::sleep(Duration::from_millis(50));
    }
    browser.assert_quiet(&path);
}

#[test]
fn links_to_frames_open_folds() {
    let Some(browser) = Browser::start() else { return };
    let path = browser.open(&html::of_sample("timeout.pcap"));
    browser.run("document.getElementById('f-close').click(); document.querySelector(\".verdict a[href='#frame-12']\").click()");
    let started = now();
    while browser.run(&format!("{SEEN} return seen('#frame-12 pre')")) == 0 {
        assert!(started.elapsed() < LOADING, "the link opens nothing");
        std::thread::sleep(Duration::from_millis(50));
    }
    browser.assert_quiet(&path);
}

#[test]
fn nothing_hostile_runs() {
    let Some(browser) = Browser::start() else { return };
    let path = browser.open(&html::page("hostile.pcap", html::hostile(), true));
    assert_eq!(browser.run("return document.querySelectorAll('script, img, iframe').length"), 1);
    let title = browser.run("return document.title");
    assert!(title.as_str().unwrap().ends_with("hostile.pcap"), "{title}");
    let bodies =
        browser.run("return [...document.querySelectorAll('pre.body')].map((at) => at.textContent).join('')");
    let bodies = bodies.as_str().unwrap();
    assert!(bodies.contains(html::HOSTILE) && bodies.contains("\\x1b[31m") && !bodies.contains('\u{1b}'));
    browser.assert_quiet(&path);
}

#[test]
fn pages_fit_a_telephone() {
    let Some(browser) = Browser::start() else { return };
    let samples =
        ["timeout.pcap", "web-phone-call.pcap", "reconnect-loop.pcap", "connect-403.pcap", "empty.pcap"];
    let pages = samples.map(html::of_sample).into_iter();
    for page in pages.chain([html::page("hostile.pcap", html::hostile(), true), triage::page()]) {
        browser.resize(400);
        let path = browser.open(&page);
        browser.run("for (const fold of document.querySelectorAll('details')) fold.open = true");
        let width = browser.run("return document.documentElement.scrollWidth").as_u64().unwrap();
        assert!(width <= 400, "{width} pixels wide: {}", browser.run("return document.title"));
        browser.assert_quiet(&path);
    }
}

#[test]
fn rows_of_captures_are_sorted_and_filtered() {
    let Some(browser) = Browser::start() else { return };
    let path = browser.open(&triage::page());
    let rows = |what: &str| {
        browser.run(&format!("return [...document.querySelectorAll('.triage tbody tr')].filter((row) => !row.hidden).map((row) => {what})"))
    };
    let numbers = |column: u8| -> Vec<u64> {
        let cells = rows(&format!("row.cells[{column}].dataset.key"));
        cells.as_array().unwrap().iter().map(|cell| cell.as_str().unwrap().parse().unwrap()).collect()
    };
    let click = |column: u8| {
        browser.run(&format!("document.querySelectorAll('.triage thead button')[{column}].click()"))
    };
    click(2);
    assert!(numbers(2).is_sorted_by(|one, other| one >= other), "most hooks first");
    click(2);
    assert!(numbers(2).is_sorted());
    assert_eq!(
        browser.run("return document.querySelector('[aria-sort]').getAttribute('aria-sort')"),
        "ascending"
    );
    click(0);
    assert!(numbers(0).is_sorted(), "the worst first again");
    let all = numbers(0).len();

    browser.run("const at = document.getElementById('f-state'); at.value = 'broken'; at.dispatchEvent(new Event('change'));");
    let broken = rows("row.dataset.state");
    let broken = broken.as_array().unwrap();
    assert!(!broken.is_empty() && broken.iter().all(|state| state == "broken"), "{broken:?}");
    let told = browser.run("return document.getElementById('f-count').textContent");
    assert_eq!(told, format!("{} of {all} captures", broken.len()));
    browser.run("document.getElementById('f-clear').click()");
    assert_eq!(numbers(0).len(), all);
    browser.assert_quiet(&path);
}

#[test]
fn ten_thousand_hooks_open_soon() {
    let Some(browser) = Browser::start() else { return };
    let page = html::page("large.pcap", html::large(10_000), true);
    let started = now();
    let path = browser.open(&page);
    let loaded = started.elapsed();
    assert_eq!(browser.run("return document.querySelectorAll('.step').length"), 10_000);
    browser.run("document.getElementById('f-open').click(); return document.body.scrollHeight");
    browser.run("const at = document.getElementById('f-outcome'); at.value = 'failed'; at.dispatchEvent(new Event('change')); return document.body.scrollHeight");
    let failed = browser.run("return document.querySelectorAll('.step:not([hidden])').length");
    assert_eq!(failed, browser.run("return document.querySelectorAll('.step.failed').length"));
    println!("{} octets loaded in {loaded:?}, all done in {:?}", page.len(), started.elapsed());
    assert!(loaded < LOADING && started.elapsed() < 2 * LOADING, "{loaded:?}");
    browser.assert_quiet(&path);
}
