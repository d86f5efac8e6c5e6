//! Nostr's WebSockets through the door: the transport that the relay pool is given, so that it has no other way out.

use std::fmt;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use async_wsocket::Message as PoolMessage;
use conclave_shared::MemberId;
use futures_util::{Sink, SinkExt as _, StreamExt as _};
use nostr::Url;
use nostr::util::BoxedFuture;
use nostr_relay_pool::ConnectionMode;
use nostr_relay_pool::transport::error::TransportError;
use nostr_relay_pool::transport::websocket::{WebSocketSink, WebSocketStream, WebSocketTransport};
use tokio_tungstenite::tungstenite::protocol::WebSocketConfig;
use tokio_tungstenite::tungstenite::{Error, Message};

use super::{Address, Door, Isolation};

/// Largest message of a relay, in bytes: what a wrap may have, and room for what a relay tells beside.
const MESSAGE_LIMIT: usize = 1024 * 1024;

/// WebSockets of one identity.
#[derive(Clone)]
pub struct DoorTransport {
    door: Door,
    identity: MemberId,
}

impl DoorTransport {
    /// Connections of `identity` through `door`.
    pub fn new(door: Door, identity: MemberId) -> Self {
        Self { door, identity }
    }

    async fn open(&self, url: &Url) -> Result<(WebSocketSink, WebSocketStream), TransportError> {
        let relay = Address::relay(url.as_str()).map_err(TransportError::backend)?;
        let isolation = Isolation::Relay { identity: self.identity, relay: relay.clone() };
        let stream = self.door.dial(&relay, &isolation).await.map_err(TransportError::backend)?;
        let limits =
            WebSocketConfig::default().max_message_size(Some(MESSAGE_LIMIT)).max_frame_size(Some(MESSAGE_LIMIT));
        let (socket, _) = tokio_tungstenite::client_async_with_config(url.as_str(), stream, Some(limits))
            .await
            .map_err(TransportError::backend)?;
        let (sink, stream) = socket.split();
        let stream = stream.filter_map(|message| async {
            match message {
                Ok(message) => received(message).map(Ok),
                Err(error) => Some(Err(TransportError::backend(error))),
            }
        });
        Ok((Box::new(Sending(sink)), Box::pin(stream)))
    }
}

impl fmt::Debug for DoorTransport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "DoorTransport({})", self.identity)
    }
}

impl WebSocketTransport for DoorTransport {
    fn support_ping(&self) -> bool {
        true
    }

    /// The mode is of the pool's own ways out, which are not used.
    fn connect<'a>(
        &'a self,
        url: &'a Url,
        _mode: &'a ConnectionMode,
        timeout: Duration,
    ) -> BoxedFuture<'a, Result<(WebSocketSink, WebSocketStream), TransportError>> {
        Box::pin(async move { tokio::time::timeout(timeout, self.open(url)).await.map_err(TransportError::backend)? })
    }
}

/// What a relay sent, in the pool's words; nothing for what is no message by itself.
fn received(message: Message) -> Option<PoolMessage> {
    Some(match message {
        Message::Text(text) => PoolMessage::Text(text.to_string()),
        Message::Binary(bytes) => PoolMessage::Binary(bytes.to_vec()),
        Message::Ping(bytes) => PoolMessage::Ping(bytes.to_vec()),
        Message::Pong(bytes) => PoolMessage::Pong(bytes.to_vec()),
        Message::Close(frame) => PoolMessage::Close(frame.map(Into::into)),
        Message::Frame(_) => return None,
    })
}

/// The sending half, in the pool's words.
struct Sending<S>(S);

impl<S: Sink<Message, Error = Error> + Unpin> Sink<PoolMessage> for Sending<S> {
    type Error = TransportError;

    fn poll_ready(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Result<(), TransportError>> {
        self.0.poll_ready_unpin(cx).map_err(TransportError::backend)
    }

    fn start_send(mut self: Pin<&mut Self>, message: PoolMessage) -> Result<(), TransportError> {
        self.0.start_send_unpin(message.into()).map_err(TransportError::backend)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Result<(), TransportError>> {
        self.0.poll_flush_unpin(cx).map_err(TransportError::backend)
    }

    fn poll_close(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Result<(), TransportError>> {
        self.0.poll_close_unpin(cx).map_err(TransportError::backend)
    }
}
