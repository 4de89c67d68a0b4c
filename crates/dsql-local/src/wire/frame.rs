//! A message of the protocol: a tag, a length, a body.

use bytes::{Buf, Bytes, BytesMut};

/// One whole message, header included.
#[derive(Clone, Debug)]
pub(crate) struct Frame {
    raw: Bytes,
}

/// The length that a header declares cannot be.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct InvalidLength;

impl Frame {
    /// Cuts the next message off `buffer`; `None` until it has arrived whole.
    pub(crate) fn take(buffer: &mut BytesMut, limit: usize) -> Result<Option<Self>, InvalidLength> {
        if buffer.len() < 5 {
            return Ok(None);
        }
        let length = (&buffer[1..5]).get_i32();
        let length = usize::try_from(length).map_err(|_| InvalidLength)?;
        if length < 4 || length > limit {
            return Err(InvalidLength);
        }
        if buffer.len() < length + 1 {
            // Room is made for what comes, not for what is announced.
            return Ok(None);
        }
        Ok(Some(Self {
            raw: buffer.split_to(length + 1).freeze(),
        }))
    }

    pub(crate) fn tag(&self) -> u8 {
        self.raw[0]
    }

    pub(crate) fn body(&self) -> &[u8] {
        &self.raw[5..]
    }

    /// The message as it travels.
    pub(crate) fn bytes(&self) -> &[u8] {
        &self.raw
    }
}

/// Reads the fields of a body, in the order in which they stand there.
#[derive(Debug)]
pub(crate) struct Fields<'a> {
    rest: &'a [u8],
}

/// A body that ends too early or holds text that is no UTF-8.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Malformed;

impl<'a> Fields<'a> {
    pub(crate) fn new(body: &'a [u8]) -> Self {
        Self { rest: body }
    }

    pub(crate) fn byte(&mut self) -> Result<u8, Malformed> {
        Ok(self.bytes(1)?[0])
    }

    pub(crate) fn int16(&mut self) -> Result<i16, Malformed> {
        Ok(self.bytes(2)?.get_i16())
    }

    pub(crate) fn int32(&mut self) -> Result<i32, Malformed> {
        Ok(self.bytes(4)?.get_i32())
    }

    pub(crate) fn bytes(&mut self, count: usize) -> Result<&'a [u8], Malformed> {
        let (bytes, rest) = self.rest.split_at_checked(count).ok_or(Malformed)?;
        self.rest = rest;
        Ok(bytes)
    }

    /// Text up to its NUL.
    pub(crate) fn text(&mut self) -> Result<&'a str, Malformed> {
        let end = self
            .rest
            .iter()
            .position(|byte| *byte == 0)
            .ok_or(Malformed)?;
        let text = std::str::from_utf8(&self.rest[..end]).map_err(|_| Malformed)?;
        self.rest = &self.rest[end + 1..];
        Ok(text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn buffer(bytes: &[u8]) -> BytesMut {
        BytesMut::from(bytes)
    }

    #[test]
    fn a_frame_is_cut_only_when_whole() {
        let mut half = buffer(b"Q\0\0\0\x0dSELECT 1");
        assert!(Frame::take(&mut half, 100).unwrap().is_none());
        half.extend_from_slice(b"\0\0");
        let frame = Frame::take(&mut half, 100).unwrap().unwrap();
        assert_eq!(frame.tag(), b'Q');
        assert_eq!(Fields::new(frame.body()).text(), Ok("SELECT 1"));
        assert_eq!(half.len(), 1);
    }

    #[test]
    fn a_length_that_cannot_be_is_refused() {
        for length in [-1_i32, 0, 3, 101] {
            let mut bytes = vec![b'Q'];
            bytes.extend_from_slice(&length.to_be_bytes());
            assert_eq!(
                Frame::take(&mut buffer(&bytes), 100).err(),
                Some(InvalidLength)
            );
        }
    }

    #[test]
    fn fields_never_run_past_the_end() {
        let mut fields = Fields::new(b"\0\x01abc");
        assert_eq!(fields.int16(), Ok(1));
        assert_eq!(fields.text(), Err(Malformed));
        assert_eq!(fields.int32(), Err(Malformed));
        assert_eq!(fields.byte(), Ok(b'a'));
    }
}
