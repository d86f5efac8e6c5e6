//! One connection to the relay over any stream: from its greeting until either side, or the lack of room, ends it.
//!
//! Frames are read no faster than the limits say, and not at all while an answer is on its way: who reads slowly is read
//! slowly. What does not belong here: what frames mean (`session`), and where streams come from.

use std::sync::Arc;
use std::time::Duration;

use futures_util::{SinkExt, StreamExt};
use nostr::{Keys, Timestamp};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::sync::broadcast::error::RecvError;
use tokio::time::{Instant, MissedTickBehavior, interval, sleep_until, timeout};
use tokio_tungstenite::tungstenite::{self, Message, protocol::WebSocketConfig};
use tokio_tungstenite::{WebSocketStream, accept_async_with_config};

use super::MAX_FRAME_BYTES;
use super::guests::Place;
use super::limits::Pace;
use super::session::{Post, Session};

/// How long a connection may take to say what it wants to be.
const GREETING: Duration = Duration::from_secs(30);

/// How long one frame may take to be written: who reads no faster asks again.
const WRITING: Duration = Duration::from_secs(30);

/// Pause before a relay that replays does it again.
const REPLAY: Duration = Duration::from_millis(500);

/// Largest buffer of what is to be written, in bytes: a frame and what the library adds.
const MAX_WRITE_BYTES: usize = 1024 * 1024;

/// Serves one stream until it ends. Where there is no room it ends at once.
pub(super) async fn serve(stream: impl AsyncRead + AsyncWrite + Unpin, post: Arc<Post>) {
    let Some((place, ended)) = post.guests.enter() else { return };
    tokio::select! {
        _ = ended => {}
        () = greet(stream, &post, place) => {}
    }
}

async fn greet(stream: impl AsyncRead + AsyncWrite + Unpin, post: &Post, place: Place) {
    let mut config = WebSocketConfig::default();
    config.max_message_size = Some(MAX_FRAME_BYTES);
    config.max_frame_size = Some(MAX_FRAME_BYTES);
    config.max_write_buffer_size = MAX_WRITE_BYTES;
    if let Ok(Ok(socket)) = timeout(GREETING, accept_async_with_config(stream, Some(config))).await {
        // How a connection ended is its other end's concern.
        let _ = converse(socket, post, &place).await;
    }
}

async fn converse<S: AsyncRead + AsyncWrite + Unpin>(
    mut socket: WebSocketStream<S>,
    post: &Post,
    place: &Place,
) -> Result<(), tungstenite::Error> {
    let mut fresh = post.fresh.subscribe();
    // A fresh public key is as good a random number as any, and a text.
    let mut session = Session::new(Keys::generate().public_key().to_hex(), &post.limits, Timestamp::now());
    let mut access = post.access.clone();
    let mut listed = true;
    let mut replay = interval(REPLAY);
    replay.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let begun = Instant::now();
    let (mut heard, mut pace) = (begun, Pace::new(&post.limits, begun));
    loop {
        let paused = pace.until(Instant::now());
        // Who is not being read cannot be heard.
        let silent = paused.is_none().then_some(heard + post.limits.idle);
        let unknown = session.lacks_login(post).then_some(begun + post.limits.login);
        let wake = [paused, silent, unknown].into_iter().flatten().min().unwrap_or(heard);
        tokio::select! {
            frame = socket.next(), if paused.is_none() => {
                let Some(frame) = frame else { break };
                let frame = frame?;
                heard = Instant::now();
                pace.read(frame.len(), heard);
                match frame {
                    Message::Text(text) => {
                        let answer = session.take(&text, post, Timestamp::now());
                        if let Some(key) = answer.login {
                            place.is_of(key);
                        }
                        write(&mut socket, answer.frames).await?;
                        if answer.end {
                            break;
                        }
                    }
                    Message::Ping(_) | Message::Pong(_) => {}
                    Message::Binary(_) | Message::Frame(_) | Message::Close(_) => break,
                }
            }
            () = sleep_until(wake) => {
                let now = Instant::now();
                if [silent, unknown].into_iter().flatten().any(|end| now >= end) {
                    break;
                }
            }
            wrap = fresh.recv() => match wrap {
                Ok(wrap) => write(&mut socket, session.deliver(&wrap, post)).await?,
                // Something was missed: the owner connects again and asks for what is stored.
                Err(RecvError::Lagged(_) | RecvError::Closed) => break,
            },
            changed = access.changed(), if listed => {
                listed = changed.is_ok();
                if !session.may_stay(post) {
                    break;
                }
            }
            _ = replay.tick(), if post.mischief.replay => write(&mut socket, session.replay()).await?,
        }
    }
    timeout(WRITING, socket.close(None)).await.unwrap_or(Err(tungstenite::Error::ConnectionClosed))
}

async fn write<S: AsyncRead + AsyncWrite + Unpin>(
    socket: &mut WebSocketStream<S>,
    frames: Vec<String>,
) -> Result<(), tungstenite::Error> {
    for frame in frames {
        let written = timeout(WRITING, socket.send(Message::text(frame))).await;
        written.unwrap_or(Err(tungstenite::Error::ConnectionClosed))?;
    }
    Ok(())
}
