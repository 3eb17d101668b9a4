//! The query part of an address: percent-encoded names and values.

/// Encodes a text so that it can stand anywhere in a query part; `,` and `&` are among what is encoded.
pub fn encode(text: &str) -> String {
    let mut encoded = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-_.~:/".contains(&byte) {
            encoded.push(char::from(byte));
        } else {
            const DIGITS: &[u8; 16] = b"0123456789ABCDEF";
            encoded.push('%');
            encoded.push(char::from(DIGITS[usize::from(byte >> 4)]));
            encoded.push(char::from(DIGITS[usize::from(byte & 15)]));
        }
    }
    encoded
}

/// Undoes [`encode`]; nothing if the text is none of its.
pub fn decode(text: &str) -> Option<String> {
    let mut bytes = text.bytes();
    let mut decoded = Vec::with_capacity(text.len());
    while let Some(byte) = bytes.next() {
        decoded.push(match byte {
            b'%' => {
                let digits = [bytes.next()?, bytes.next()?];
                u8::from_str_radix(std::str::from_utf8(&digits).ok()?, 16).ok()?
            }
            b'+' => b' ',
            byte => byte,
        });
    }
    String::from_utf8(decoded).ok()
}

/// The names and values of a query part such as `?site=a&f=is,b`, values as they stand there.
pub fn pairs(search: &str) -> impl Iterator<Item = (&str, &str)> {
    search.trim_start_matches('?').split('&').filter_map(|pair| pair.split_once('='))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_encoded_comes_back() {
        for text in ["가게&co", "a,b=c", "/pricing?x=1#y", "100% +1", ""] {
            let encoded = encode(text);
            assert!(!encoded.contains([',', '&', '=', '+', ' ']), "{encoded}");
            assert_eq!(decode(&encoded).as_deref(), Some(text));
        }
        assert_eq!(decode("%zz"), None);
        assert_eq!(decode("%E0"), None);
    }

    #[test]
    fn pairs_are_read_in_order() {
        let all: Vec<_> = pairs("?site=a&f=is,b&f=is,c&odd").collect();
        assert_eq!(all, [("site", "a"), ("f", "is,b"), ("f", "is,c")]);
    }
}
