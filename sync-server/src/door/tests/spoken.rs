//! What is spoken over a connection: in single bytes, and in how many of them.

use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Context, Poll};

use axum::http::Request;
use romp_domain::Hlc;
use romp_domain::wire::{Link, PROTOCOL, SyncRequest};
use romp_sync::codec;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, ReadBuf};

use super::{LIVE, PATIENT, asked, with};
use crate::accounts::rig::sign_in_request;

#[tokio::test]
async fn whatever_is_spoken_may_come_in_single_bytes() {
    let open = with(PATIENT).await;
    let mut http_1 = open.connect().await;
    let mut http_2 = open.connect().await;
    let preface = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\x04\0\0\0\0\0";
    for (stream, bytes) in [(&mut http_1, LIVE.as_bytes()), (&mut http_2, preface)] {
        stream.set_nodelay(true).unwrap();
        for byte in bytes {
            stream.write_all(&[*byte]).await.unwrap();
            tokio::task::yield_now().await;
        }
    }
    assert!(asked(&mut http_1, "").await.starts_with("HTTP/1.1 200"));
    // A frame's header: three bytes of length, and 4 for settings.
    let mut header = [0; 4];
    http_2.read_exact(&mut header).await.unwrap();
    assert_eq!(header[3], 4);
}

/// An end of a connection that counts what goes over it, both ways.
struct Counted<S>(S, Arc<AtomicUsize>);

impl<S: AsyncRead + Unpin> AsyncRead for Counted<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<std::io::Result<()>> {
        let before = buffer.filled().len();
        let polled = Pin::new(&mut self.0).poll_read(cx, buffer);
        self.1
            .fetch_add(buffer.filled().len() - before, Ordering::Relaxed);
        polled
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Counted<S> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<std::io::Result<usize>> {
        let polled = Pin::new(&mut self.0).poll_write(cx, bytes);
        if let Poll::Ready(Ok(written)) = polled {
            self.1.fetch_add(written, Ordering::Relaxed);
        }
        polled
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<std::io::Result<()>> {
        Pin::new(&mut self.0).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<std::io::Result<()>> {
        Pin::new(&mut self.0).poll_shutdown(cx)
    }
}

#[tokio::test]
async fn an_idle_exchange_over_http_2_takes_less_than_200_bytes_of_wire() {
    const EXCHANGES: usize = 100;
    let open = with(PATIENT).await;
    let session = open.rig.owner(1);
    let counted = Arc::new(AtomicUsize::new(0));
    let stream = Counted(open.connect().await, Arc::clone(&counted));
    let (mut client, connection) = h2::client::handshake(stream).await.unwrap();
    let connection = tokio::spawn(connection);
    let mut request = SyncRequest {
        protocol: PROTOCOL,
        device: Some(sign_in_request(1, 1).device.id),
        clock: Hlc::at_ms(open.rig.now().0),
        link: Some(Link::default()),
        ..SyncRequest::default()
    };
    let mut began = 0;
    for n in 0..EXCHANGES + 3 {
        // The first tell the epoch, the scope and the headers that are the same every time.
        if n == 3 {
            began = counted.load(Ordering::Relaxed);
        }
        let bytes = codec::encode_request(&request);
        let head = Request::post("http://romp.example:8080/v1/sync")
            .header("content-type", codec::CONTENT_TYPE)
            .header("content-length", bytes.len())
            .header("accept-encoding", "zstd")
            .header("authorization", format!("Bearer {}", session.token))
            .body(())
            .unwrap();
        client = client.ready().await.unwrap();
        let (reply, mut body) = client.send_request(head, false).unwrap();
        body.send_data(bytes.into(), true).unwrap();
        let reply = reply.await.unwrap();
        assert_eq!(reply.status(), 200);
        let mut body = reply.into_body();
        let mut all = Vec::new();
        while let Some(piece) = body.data().await {
            all.extend_from_slice(&piece.unwrap());
        }
        let reply = codec::decode_reply(all).unwrap();
        request.epoch = Some(reply.epoch);
        request.scope = Some(reply.scope);
        request.cursor = reply.cursor;
    }
    let each = (counted.load(Ordering::Relaxed) - began) / EXCHANGES;
    assert!(each < 200, "{each} bytes");
    connection.abort();
}
