//! An endpoint on loopback that says what it was told to say, one reply a request.

use serde_json::{Value, json};
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::thread::{self, JoinHandle};
use std::time::Duration;

/// What to say to one request.
#[derive(Debug, Clone)]
pub(crate) enum Say {
    /// A reply with this body.
    Body(Value),
    /// A status, how long to stay away, and the body.
    Status(u16, Option<&'static str>, &'static str),
    /// Nothing, for longer than anybody waits in a test.
    Nothing,
}

/// One request, as it came.
#[derive(Debug, Clone)]
pub(crate) struct Heard {
    pub(crate) path: String,
    /// Lower-case names.
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: Value,
}

impl Heard {
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }
}

/// The endpoint. It ends when all was said, or it is told to.
pub(crate) struct Server {
    pub(crate) address: String,
    heard: Arc<Mutex<Vec<Heard>>>,
    over: Arc<AtomicBool>,
    thread: JoinHandle<()>,
}

impl Server {
    pub(crate) fn start(script: Vec<Say>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = format!("http://{}", listener.local_addr().unwrap());
        let heard = Arc::new(Mutex::new(Vec::new()));
        let over = Arc::new(AtomicBool::new(false));
        let (all, ended) = (Arc::clone(&heard), Arc::clone(&over));
        let thread = thread::spawn(move || {
            for say in script {
                let (stream, _) = listener.accept().unwrap();
                if ended.load(Ordering::SeqCst) {
                    return;
                }
                stream.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
                all.lock().unwrap().push(hear(&stream));
                answer(&stream, &say);
            }
        });
        Self { address, heard, over, thread }
    }

    /// All requests that came until now.
    pub(crate) fn end(self) -> Vec<Heard> {
        self.over.store(true, Ordering::SeqCst);
        // It may wait for one more, or have ended by itself.
        let _ = TcpStream::connect(self.address.trim_start_matches("http://"));
        self.thread.join().unwrap();
        self.heard.lock().unwrap().clone()
    }
}

fn hear(stream: &TcpStream) -> Heard {
    let mut reader = BufReader::new(stream);
    let mut line = || {
        let mut line = String::new();
        reader.read_line(&mut line).unwrap();
        line.trim_end().to_owned()
    };
    let path = line().split(' ').nth(1).unwrap().to_owned();
    let mut headers = Vec::new();
    loop {
        let line = line();
        let Some((name, value)) = line.split_once(':') else { break };
        headers.push((name.to_lowercase(), value.trim().to_owned()));
    }
    let length = headers.iter().find(|(name, _)| name == "content-length").unwrap().1.parse();
    let mut body = vec![0; length.unwrap()];
    reader.read_exact(&mut body).unwrap();
    Heard { path, headers, body: serde_json::from_slice(&body).unwrap() }
}

fn answer(mut stream: &TcpStream, say: &Say) {
    let (status, head, body) = match say {
        Say::Body(body) => (200, String::new(), body.to_string()),
        Say::Status(status, after, body) => {
            let head = after.map(|after| format!("retry-after: {after}\r\n")).unwrap_or_default();
            (*status, head, (*body).to_owned())
        }
        Say::Nothing => {
            // Until whoever asks has enough of it.
            let _ = stream.read(&mut [0]);
            return;
        }
    };
    let length = body.len();
    let text = format!(
        "HTTP/1.1 {status} X\r\ncontent-type: application/json\r\n{head}content-length: {length}\r\n\
         connection: close\r\n\r\n{body}"
    );
    stream.write_all(text.as_bytes()).unwrap();
}

/// A reply as OpenAI's chat completions give it.
pub(crate) fn openai(text: &str, finish: &str) -> Say {
    Say::Body(json!({
        "id": "chatcmpl-1", "object": "chat.completion", "created": 1, "model": "m-1",
        "choices": [{ "index": 0, "finish_reason": finish, "logprobs": null,
            "message": { "role": "assistant", "content": text, "refusal": null } }],
        "usage": { "prompt_tokens": 100, "completion_tokens": 10, "total_tokens": 110 },
    }))
}
