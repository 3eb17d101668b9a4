//! Stage 1: from a body to checked events.

use protocol::decode::{self, BatchError, Decoded};
use protocol::limits::MAX_BODY_BYTES;
use protocol::problem::Code;

use super::gzip;
use crate::http::Request;

fn refusal(code: Code, detail: impl Into<String>) -> BatchError {
    BatchError { code, detail: detail.into() }
}

/// Reads the batch of a request.
pub(super) fn batch(request: &Request) -> Result<Decoded, BatchError> {
    content_type(request)?;
    decode::batch(&body(request)?)
}

/// Refuses bodies of another media type. `text/plain` keeps the request CORS-simple: no preflight.
pub(super) fn content_type(request: &Request) -> Result<(), BatchError> {
    let given = request.header("content-type").unwrap_or("");
    let media_type = given.split(';').next().unwrap_or("").trim().to_ascii_lowercase();
    if matches!(media_type.as_str(), "text/plain" | "application/json") {
        return Ok(());
    }
    Err(refusal(Code::UnsupportedMediaType, "send JSON as text/plain or application/json"))
}

/// The body of a request, inflated if it is compressed, and never more of it than is allowed.
pub(super) fn body(request: &Request) -> Result<std::borrow::Cow<'_, [u8]>, BatchError> {
    let body = request
        .body
        .as_deref()
        .ok_or_else(|| refusal(Code::BodyTooLarge, format!("at most {MAX_BODY_BYTES} bytes are taken")))?;
    match request.header("content-encoding").unwrap_or("identity").trim() {
        "" | "identity" => Ok(body.into()),
        "gzip" | "x-gzip" => gzip::inflate(body).map(Into::into),
        _ => Err(refusal(Code::UnsupportedMediaType, "`content-encoding` may be gzip or identity")),
    }
}

#[cfg(test)]
mod tests {
    use protocol::limits::MAX_INFLATED_BYTES;

    use super::*;

    fn gzip(text: &[u8]) -> Vec<u8> {
        let mut out = vec![0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 255];
        out.extend(miniz_oxide::deflate::compress_to_vec(text, 6));
        out.extend(crate::ingest::gzip::checksum(text).to_le_bytes());
        out.extend((text.len() as u32).to_le_bytes());
        out
    }

    fn read(body: Vec<u8>) -> Result<Vec<u8>, Code> {
        let headers = vec![("content-encoding".into(), "gzip".into())];
        let request = Request { body: Some(body), headers, ..Request::default() };
        super::body(&request).map(std::borrow::Cow::into_owned).map_err(|error| error.code)
    }

    #[test]
    fn compressed_body_is_inflated() {
        let text = br#"{"v":1}"#.repeat(1_000);
        assert_eq!(read(gzip(&text)), Ok(text));
    }

    #[test]
    fn body_that_inflates_beyond_the_limit_is_refused_whatever_it_claims() {
        let bomb = gzip(&vec![b' '; MAX_INFLATED_BYTES + 1]);
        assert!(bomb.len() < 1_000);
        assert_eq!(read(bomb.clone()), Err(Code::BodyTooLarge));
        let mut liar = bomb;
        let at = liar.len() - 4;
        liar[at..].copy_from_slice(&7_u32.to_le_bytes());
        assert_eq!(read(liar), Err(Code::InvalidJson));
    }

    #[test]
    fn broken_gzip_is_refused() {
        let whole = gzip(b"hello");
        for cut in 0..whole.len() {
            assert!(read(whole[..cut].to_vec()).is_err(), "{cut}");
        }
        for at in [0, 2, 3, 10, 12, whole.len() - 8, whole.len() - 4] {
            let mut broken = whole.clone();
            broken[at] ^= 0x55;
            assert!(read(broken).is_err(), "{at}");
        }
    }

    #[test]
    fn body_has_to_be_called_text_or_json() {
        for (value, ok) in [
            ("text/plain;charset=UTF-8", true),
            ("Application/JSON", true),
            ("text/html", false),
            ("", false),
        ] {
            let headers = vec![("content-type".into(), value.into())];
            let request = Request { headers, ..Request::default() };
            assert_eq!(content_type(&request).is_ok(), ok, "{value}");
        }
    }

    proptest::proptest! {
        #[test]
        fn no_bytes_panic_or_inflate_beyond_the_limit(mut body: Vec<u8>, gzip_header: bool) {
            if gzip_header {
                body.splice(0..0, [0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 255]);
            }
            if let Ok(inflated) = read(body) {
                proptest::prop_assert!(inflated.len() <= MAX_INFLATED_BYTES);
            }
        }
    }
}
