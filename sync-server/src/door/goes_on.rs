//! Sending a reply that goes on, in chunks (RFC 9112, 7.1), from after its headers to the end of the connection.
//!
//! Deliberately absent: another request on the same connection. Whoever sends one while the reply goes on is cut off.

use std::io;

use axum::body::{Bytes, HttpBody};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};

use super::reply::Counted;
use super::stream::Watched;

/// What ends a reply in chunks.
const LAST_CHUNK: &[u8] = b"0\r\n\r\n";

/// Sends what the reply makes until it ends, or the other end is gone.
///
/// # Errors
/// The connection's. A reply that fails ends without its last chunk, so that nobody takes it for whole.
pub(super) async fn send<S: AsyncRead + AsyncWrite + Unpin>(
    mut stream: Watched<S>,
    mut reply: Counted,
) -> io::Result<()> {
    let mut anything = [0];
    loop {
        let frame = tokio::select! {
            frame = std::future::poll_fn(|cx| std::pin::Pin::new(&mut reply.body).poll_frame(cx)) => frame,
            _ = stream.read(&mut anything) => return Ok(()),
        };
        let Some(frame) = frame else {
            stream.write_all(LAST_CHUNK).await?;
            return stream.shutdown().await;
        };
        if let Ok(data) = frame.map_err(io::Error::other)?.into_data() {
            stream.write_all(&chunk(&data)).await?;
            stream.flush().await?;
        }
    }
}

/// One chunk. Nothing is made of nothing: an empty chunk would be the last.
fn chunk(data: &Bytes) -> Vec<u8> {
    if data.is_empty() {
        return Vec::new();
    }
    let mut chunk = format!("{:x}\r\n", data.len()).into_bytes();
    chunk.extend_from_slice(data);
    chunk.extend_from_slice(b"\r\n");
    chunk
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_chunk_tells_its_length_in_hexadecimal_and_nothing_is_no_last_chunk() {
        assert_eq!(
            chunk(&Bytes::from_static(b"data: 12345678\n\n")),
            b"10\r\ndata: 12345678\n\n\r\n"
        );
        assert_eq!(chunk(&Bytes::new()), b"");
    }
}
