//! The protobuf encoding, as far as these messages use it: varints, texts, bytes and nested messages.
//!
//! Each message is a plain struct with a table of its field numbers (`wire!`), from which both directions follow.
//! Reading is strict, because what is read here is about to be signed or sent: an unknown or repeated field is an
//! error, not something to skip. Writing is canonical: fields by number, lists of numbers packed, defaults left
//! out, nested messages written even when they are empty.

use thiserror::Error;

/// The reason why bytes are not the message they should be.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum DecodeError {
    /// The bytes end inside a field.
    #[error("the message ends in the middle of a field")]
    Truncated,
    /// A field that is not in the declaration.
    #[error("{message} has an unknown field {number}")]
    UnknownField {
        /// Name of the message.
        message: &'static str,
        /// Number of the field.
        number: u32,
    },
    /// A single value that is written twice.
    #[error("field {number} is written more than once")]
    Repeated {
        /// Number of the field.
        number: u32,
    },
    /// A required field that is absent.
    #[error("{message} has no {field}")]
    Missing {
        /// Name of the message.
        message: &'static str,
        /// Name of the field.
        field: &'static str,
    },
    /// A field that is encoded as another kind, or holds a value outside its type.
    #[error("a field holds {0}")]
    Value(&'static str),
    /// A message of a type that is not declared here.
    #[error("the message type “{0}” is not known")]
    UnknownType(String),
}

/// A value as it stands in the bytes.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Value<'a> {
    Number(u64),
    Bytes(&'a [u8]),
}

impl<'a> Value<'a> {
    pub(crate) fn number(self) -> Result<u64, DecodeError> {
        match self {
            Self::Number(number) => Ok(number),
            Self::Bytes(_) => Err(DecodeError::Value("bytes instead of a number")),
        }
    }

    pub(crate) fn bytes(self) -> Result<&'a [u8], DecodeError> {
        match self {
            Self::Bytes(bytes) => Ok(bytes),
            Self::Number(_) => Err(DecodeError::Value("a number instead of bytes")),
        }
    }

    pub(crate) fn text(self) -> Result<&'a str, DecodeError> {
        std::str::from_utf8(self.bytes()?).map_err(|_| DecodeError::Value("text that is not UTF-8"))
    }
}

/// A message with numbered fields.
pub(crate) trait Wire: Sized {
    fn write_fields(&self, out: &mut Vec<u8>);
    fn read_fields(bytes: &[u8]) -> Result<Self, DecodeError>;
}

/// The type of a field: how it is written, and what its absence means.
pub(crate) trait Field: Sized {
    const REPEATED: bool = false;

    /// The value of a field that is not written; `None` where the message is wrong without it.
    fn absent() -> Option<Self>;
    fn write(&self, number: u32, out: &mut Vec<u8>);
    fn read(slot: &mut Option<Self>, value: Value<'_>) -> Result<(), DecodeError>;
}

/// A type that is one of several numbers.
pub(crate) trait Numbered: Copy {
    fn to_number(self) -> u64;
    fn from_number(number: u64) -> Option<Self>;
}

/// Declares the field numbers of a struct, in ascending order.
macro_rules! wire {
    ($name:ident { $($field:ident: $number:literal),+ $(,)? }) => {
        impl $crate::wire::Wire for $name {
            fn write_fields(&self, out: &mut Vec<u8>) {
                $($crate::wire::Field::write(&self.$field, $number, out);)+
            }

            fn read_fields(bytes: &[u8]) -> Result<Self, $crate::wire::DecodeError> {
                $(let mut $field = $crate::wire::Field::absent();)+
                let mut fields = $crate::wire::Fields::of(bytes);
                while let Some((number, value)) = fields.next()? {
                    match number {
                        $($number => fields.put(&mut $field, number, value)?,)+
                        _ => {
                            return Err($crate::wire::DecodeError::UnknownField {
                                message: stringify!($name),
                                number,
                            });
                        }
                    }
                }
                Ok(Self {
                    $($field: $field.ok_or($crate::wire::DecodeError::Missing {
                        message: stringify!($name),
                        field: stringify!($field),
                    })?,)+
                })
            }
        }

        impl $name {
            /// The bytes of the message.
            #[must_use]
            pub fn encode(&self) -> Vec<u8> {
                let mut out = Vec::new();
                $crate::wire::Wire::write_fields(self, &mut out);
                out
            }

            /// The message in these bytes.
            ///
            /// # Errors
            ///
            /// [`DecodeError`](crate::DecodeError) where the bytes are not exactly this message.
            pub fn decode(bytes: &[u8]) -> Result<Self, $crate::wire::DecodeError> {
                $crate::wire::Wire::read_fields(bytes)
            }
        }
    };
}

/// Declares the numbers of an enum's variants, as a single field and as a packed list.
macro_rules! wire_enum {
    ($name:ident { $($variant:ident = $number:literal),+ $(,)? }) => {
        impl $crate::wire::Numbered for $name {
            fn to_number(self) -> u64 {
                match self {
                    $(Self::$variant => $number,)+
                }
            }

            fn from_number(number: u64) -> Option<Self> {
                match number {
                    $($number => Some(Self::$variant),)+
                    _ => None,
                }
            }
        }

        impl $crate::wire::Field for $name {
            fn absent() -> Option<Self> {
                $crate::wire::Numbered::from_number(0)
            }

            fn write(&self, number: u32, out: &mut Vec<u8>) {
                $crate::wire::Field::write(&$crate::wire::Numbered::to_number(*self), number, out);
            }

            fn read(
                slot: &mut Option<Self>,
                value: $crate::wire::Value<'_>,
            ) -> Result<(), $crate::wire::DecodeError> {
                *slot = Some($crate::wire::numbered(value.number()?)?);
                Ok(())
            }
        }

        impl $crate::wire::Field for Vec<$name> {
            const REPEATED: bool = true;

            fn absent() -> Option<Self> {
                Some(Self::new())
            }

            fn write(&self, number: u32, out: &mut Vec<u8>) {
                $crate::wire::write_packed(self, number, out);
            }

            fn read(
                slot: &mut Option<Self>,
                value: $crate::wire::Value<'_>,
            ) -> Result<(), $crate::wire::DecodeError> {
                $crate::wire::read_packed(slot.get_or_insert_default(), value)
            }
        }
    };
}

pub(crate) use {wire, wire_enum};

/// The fields of one message, in the order in which they are written.
#[derive(Debug)]
pub(crate) struct Fields<'a> {
    rest: &'a [u8],
    seen: u32,
}

impl<'a> Fields<'a> {
    pub(crate) fn of(bytes: &'a [u8]) -> Self {
        Self {
            rest: bytes,
            seen: 0,
        }
    }

    pub(crate) fn next(&mut self) -> Result<Option<(u32, Value<'a>)>, DecodeError> {
        if self.rest.is_empty() {
            return Ok(None);
        }
        let key = take_varint(&mut self.rest)?;
        let number = u32::try_from(key >> 3)
            .map_err(|_| DecodeError::Value("a field number out of range"))?;
        let value = match key & 7 {
            0 => Value::Number(take_varint(&mut self.rest)?),
            2 => {
                let length = usize::try_from(take_varint(&mut self.rest)?)
                    .map_err(|_| DecodeError::Truncated)?;
                let (bytes, rest) = self
                    .rest
                    .split_at_checked(length)
                    .ok_or(DecodeError::Truncated)?;
                self.rest = rest;
                Value::Bytes(bytes)
            }
            _ => return Err(DecodeError::Value("a kind that these messages do not use")),
        };
        Ok(Some((number, value)))
    }

    /// Stores the value of a declared field, whose number is below 32.
    pub(crate) fn put<F: Field>(
        &mut self,
        slot: &mut Option<F>,
        number: u32,
        value: Value<'_>,
    ) -> Result<(), DecodeError> {
        let bit = 1 << number;
        if !F::REPEATED && self.seen & bit != 0 {
            return Err(DecodeError::Repeated { number });
        }
        self.seen |= bit;
        F::read(slot, value)
    }
}

fn take_varint(bytes: &mut &[u8]) -> Result<u64, DecodeError> {
    let mut number = 0_u64;
    for at in 0..10 {
        let (byte, rest) = bytes.split_first().ok_or(DecodeError::Truncated)?;
        *bytes = rest;
        // The tenth byte holds the last of the 64 bits.
        if at == 9 && *byte > 1 {
            break;
        }
        number |= u64::from(byte & 0x7f) << (7 * at);
        if byte & 0x80 == 0 {
            return Ok(number);
        }
    }
    Err(DecodeError::Value("a number of more than 64 bits"))
}

fn put_varint(mut number: u64, out: &mut Vec<u8>) {
    while number >= 0x80 {
        out.push((number & 0x7f) as u8 | 0x80);
        number >>= 7;
    }
    out.push(number as u8);
}

/// Writes a field of bytes, empty ones too.
pub(crate) fn write_bytes(bytes: &[u8], number: u32, out: &mut Vec<u8>) {
    put_varint(u64::from(number) << 3 | 2, out);
    put_varint(bytes.len() as u64, out);
    out.extend_from_slice(bytes);
}

pub(crate) fn numbered<N: Numbered>(number: u64) -> Result<N, DecodeError> {
    N::from_number(number).ok_or(DecodeError::Value("a number that stands for nothing"))
}

pub(crate) fn write_packed<N: Numbered>(items: &[N], number: u32, out: &mut Vec<u8>) {
    if items.is_empty() {
        return;
    }
    let mut packed = Vec::new();
    for item in items {
        put_varint(item.to_number(), &mut packed);
    }
    write_bytes(&packed, number, out);
}

/// Reads a packed list, and one number of an unpacked list: both occur.
pub(crate) fn read_packed<N: Numbered>(
    items: &mut Vec<N>,
    value: Value<'_>,
) -> Result<(), DecodeError> {
    match value {
        Value::Number(number) => items.push(numbered(number)?),
        Value::Bytes(mut packed) => {
            while !packed.is_empty() {
                items.push(numbered(take_varint(&mut packed)?)?);
            }
        }
    }
    Ok(())
}

impl<M: Wire> Field for M {
    fn absent() -> Option<Self> {
        None
    }

    fn write(&self, number: u32, out: &mut Vec<u8>) {
        let mut nested = Vec::new();
        self.write_fields(&mut nested);
        write_bytes(&nested, number, out);
    }

    fn read(slot: &mut Option<Self>, value: Value<'_>) -> Result<(), DecodeError> {
        *slot = Some(M::read_fields(value.bytes()?)?);
        Ok(())
    }
}

impl<M: Wire> Field for Option<M> {
    fn absent() -> Option<Self> {
        Some(None)
    }

    fn write(&self, number: u32, out: &mut Vec<u8>) {
        if let Some(message) = self {
            message.write(number, out);
        }
    }

    fn read(slot: &mut Option<Self>, value: Value<'_>) -> Result<(), DecodeError> {
        *slot = Some(Some(M::read_fields(value.bytes()?)?));
        Ok(())
    }
}

impl<M: Wire> Field for Vec<M> {
    const REPEATED: bool = true;

    fn absent() -> Option<Self> {
        Some(Self::new())
    }

    fn write(&self, number: u32, out: &mut Vec<u8>) {
        for message in self {
            message.write(number, out);
        }
    }

    fn read(slot: &mut Option<Self>, value: Value<'_>) -> Result<(), DecodeError> {
        slot.get_or_insert_default()
            .push(M::read_fields(value.bytes()?)?);
        Ok(())
    }
}

impl Field for u64 {
    fn absent() -> Option<Self> {
        Some(0)
    }

    fn write(&self, number: u32, out: &mut Vec<u8>) {
        if *self != 0 {
            put_varint(u64::from(number) << 3, out);
            put_varint(*self, out);
        }
    }

    fn read(slot: &mut Option<Self>, value: Value<'_>) -> Result<(), DecodeError> {
        *slot = Some(value.number()?);
        Ok(())
    }
}

impl Field for u32 {
    fn absent() -> Option<Self> {
        Some(0)
    }

    fn write(&self, number: u32, out: &mut Vec<u8>) {
        u64::from(*self).write(number, out);
    }

    fn read(slot: &mut Option<Self>, value: Value<'_>) -> Result<(), DecodeError> {
        *slot = Some(
            u32::try_from(value.number()?)
                .map_err(|_| DecodeError::Value("a number of more than 32 bits"))?,
        );
        Ok(())
    }
}

/// An amount: its decimal digits as text, without sign, point or leading zeros.
impl Field for u128 {
    fn absent() -> Option<Self> {
        None
    }

    fn write(&self, number: u32, out: &mut Vec<u8>) {
        write_bytes(self.to_string().as_bytes(), number, out);
    }

    fn read(slot: &mut Option<Self>, value: Value<'_>) -> Result<(), DecodeError> {
        let text = value.text()?;
        let amount = text
            .parse::<u128>()
            .ok()
            .filter(|amount| amount.to_string() == text)
            .ok_or(DecodeError::Value("text that is not an amount"))?;
        *slot = Some(amount);
        Ok(())
    }
}

impl Field for String {
    fn absent() -> Option<Self> {
        Some(Self::new())
    }

    fn write(&self, number: u32, out: &mut Vec<u8>) {
        if !self.is_empty() {
            write_bytes(self.as_bytes(), number, out);
        }
    }

    fn read(slot: &mut Option<Self>, value: Value<'_>) -> Result<(), DecodeError> {
        *slot = Some(value.text()?.to_owned());
        Ok(())
    }
}

impl Field for Vec<String> {
    const REPEATED: bool = true;

    fn absent() -> Option<Self> {
        Some(Self::new())
    }

    fn write(&self, number: u32, out: &mut Vec<u8>) {
        for text in self {
            write_bytes(text.as_bytes(), number, out);
        }
    }

    fn read(slot: &mut Option<Self>, value: Value<'_>) -> Result<(), DecodeError> {
        slot.get_or_insert_default().push(value.text()?.to_owned());
        Ok(())
    }
}

impl Field for Vec<u8> {
    fn absent() -> Option<Self> {
        Some(Self::new())
    }

    fn write(&self, number: u32, out: &mut Vec<u8>) {
        if !self.is_empty() {
            write_bytes(self, number, out);
        }
    }

    fn read(slot: &mut Option<Self>, value: Value<'_>) -> Result<(), DecodeError> {
        *slot = Some(value.bytes()?.to_vec());
        Ok(())
    }
}

/// A list of byte fields, empty ones too.
impl Field for Vec<Vec<u8>> {
    const REPEATED: bool = true;

    fn absent() -> Option<Self> {
        Some(Self::new())
    }

    fn write(&self, number: u32, out: &mut Vec<u8>) {
        for bytes in self {
            write_bytes(bytes, number, out);
        }
    }

    fn read(slot: &mut Option<Self>, value: Value<'_>) -> Result<(), DecodeError> {
        slot.get_or_insert_default().push(value.bytes()?.to_vec());
        Ok(())
    }
}

impl<const N: usize> Field for [u8; N] {
    fn absent() -> Option<Self> {
        None
    }

    fn write(&self, number: u32, out: &mut Vec<u8>) {
        write_bytes(self, number, out);
    }

    fn read(slot: &mut Option<Self>, value: Value<'_>) -> Result<(), DecodeError> {
        *slot = Some(
            value
                .bytes()?
                .try_into()
                .map_err(|_| DecodeError::Value("bytes of another length"))?,
        );
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_is_read_as_it_was_written_up_to_64_bits() {
        for number in [0, 1, 127, 128, 300, u64::from(u32::MAX), u64::MAX] {
            let mut bytes = Vec::new();
            put_varint(number, &mut bytes);
            let mut rest = bytes.as_slice();
            assert_eq!(take_varint(&mut rest), Ok(number));
            assert!(rest.is_empty());
        }
        let mut long: &[u8] = &[0xff; 11];
        assert!(take_varint(&mut long).is_err());
        let mut cut: &[u8] = &[0x80];
        assert_eq!(take_varint(&mut cut), Err(DecodeError::Truncated));
    }

    #[test]
    fn a_field_that_is_longer_than_the_message_is_refused() {
        let mut fields = Fields::of(&[0x0a, 0x05, 1, 2]);
        assert_eq!(fields.next().unwrap_err(), DecodeError::Truncated);
    }
}
