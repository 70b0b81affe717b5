//! Writing. Deliberately absent: numbers with a point and variants with content, which no call has.

use serde::Serialize;
use serde::ser::{
    Impossible, SerializeMap, SerializeSeq, SerializeStruct, SerializeTuple, SerializeTupleStruct, Serializer,
};

use super::Unfit;

/// Writes a value as text.
pub fn write<T: Serialize>(value: &T) -> Result<String, Unfit> {
    let mut out = String::new();
    value.serialize(Writer(&mut out))?;
    Ok(out)
}

/// A text as JSON has it.
pub fn quoted(text: &str) -> String {
    let mut out = String::new();
    Writer(&mut out).text(text);
    out
}

struct Writer<'a>(&'a mut String);

impl<'a> Writer<'a> {
    #[inline(never)]
    fn word(self, word: &str) {
        self.0.push_str(word);
    }

    #[inline(never)]
    fn text(self, text: &str) {
        self.0.push('"');
        for character in text.chars() {
            match character {
                '"' | '\\' => self.0.extend(['\\', character]),
                '\u{0}'..='\u{1f}' => {
                    let code = u32::from(character);
                    let digit = |n| char::from_digit(n, 16).unwrap_or('0');
                    self.0.push_str("\\u00");
                    self.0.extend([digit(code >> 4), digit(code & 15)]);
                }
                _ => self.0.push(character),
            }
        }
        self.0.push('"');
    }

    #[inline(never)]
    fn number(self, number: i64) {
        self.0.push_str(&number.to_string());
    }

    fn members(self, open: char, close: char) -> Members<'a> {
        self.0.push(open);
        Members {
            out: self.0,
            first: true,
            close,
        }
    }
}

/// The members of a list or an object.
struct Members<'a> {
    out: &'a mut String,
    first: bool,
    close: char,
}

impl Members<'_> {
    #[inline(never)]
    fn comma(&mut self) -> Writer<'_> {
        if !self.first {
            self.out.push(',');
        }
        self.first = false;
        Writer(self.out)
    }

    #[inline(never)]
    fn name(&mut self, name: &str) -> Writer<'_> {
        self.comma().text(name);
        self.out.push(':');
        Writer(self.out)
    }

    #[inline(never)]
    fn close(self) {
        self.out.push(self.close);
    }
}

impl<'a> Serializer for Writer<'a> {
    type Ok = ();
    type Error = Unfit;
    type SerializeSeq = Members<'a>;
    type SerializeTuple = Members<'a>;
    type SerializeTupleStruct = Members<'a>;
    type SerializeTupleVariant = Impossible<(), Unfit>;
    type SerializeMap = Members<'a>;
    type SerializeStruct = Members<'a>;
    type SerializeStructVariant = Impossible<(), Unfit>;

    fn serialize_bool(self, yes: bool) -> Result<(), Unfit> {
        self.word(if yes { "true" } else { "false" });
        Ok(())
    }

    fn serialize_i8(self, number: i8) -> Result<(), Unfit> {
        self.serialize_i64(number.into())
    }

    fn serialize_i16(self, number: i16) -> Result<(), Unfit> {
        self.serialize_i64(number.into())
    }

    fn serialize_i32(self, number: i32) -> Result<(), Unfit> {
        self.serialize_i64(number.into())
    }

    fn serialize_i64(self, number: i64) -> Result<(), Unfit> {
        self.number(number);
        Ok(())
    }

    fn serialize_u8(self, number: u8) -> Result<(), Unfit> {
        self.serialize_i64(number.into())
    }

    fn serialize_u16(self, number: u16) -> Result<(), Unfit> {
        self.serialize_i64(number.into())
    }

    fn serialize_u32(self, number: u32) -> Result<(), Unfit> {
        self.serialize_i64(number.into())
    }

    fn serialize_u64(self, number: u64) -> Result<(), Unfit> {
        self.serialize_i64(i64::try_from(number).map_err(|_| Unfit)?)
    }

    fn serialize_f32(self, _: f32) -> Result<(), Unfit> {
        Err(Unfit)
    }

    fn serialize_f64(self, _: f64) -> Result<(), Unfit> {
        Err(Unfit)
    }

    fn serialize_char(self, letter: char) -> Result<(), Unfit> {
        self.text(&letter.to_string());
        Ok(())
    }

    fn serialize_str(self, text: &str) -> Result<(), Unfit> {
        self.text(text);
        Ok(())
    }

    fn serialize_bytes(self, _: &[u8]) -> Result<(), Unfit> {
        Err(Unfit)
    }

    fn serialize_none(self) -> Result<(), Unfit> {
        self.serialize_unit()
    }

    fn serialize_some<T: Serialize + ?Sized>(self, value: &T) -> Result<(), Unfit> {
        value.serialize(self)
    }

    fn serialize_unit(self) -> Result<(), Unfit> {
        self.word("null");
        Ok(())
    }

    fn serialize_unit_struct(self, _: &'static str) -> Result<(), Unfit> {
        self.serialize_unit()
    }

    fn serialize_unit_variant(self, _: &'static str, _: u32, word: &'static str) -> Result<(), Unfit> {
        self.text(word);
        Ok(())
    }

    fn serialize_newtype_struct<T: Serialize + ?Sized>(
        self,
        _: &'static str,
        value: &T,
    ) -> Result<(), Unfit> {
        value.serialize(self)
    }

    fn serialize_newtype_variant<T: Serialize + ?Sized>(
        self,
        _: &'static str,
        _: u32,
        _: &'static str,
        _: &T,
    ) -> Result<(), Unfit> {
        Err(Unfit)
    }

    fn serialize_seq(self, _: Option<usize>) -> Result<Members<'a>, Unfit> {
        Ok(self.members('[', ']'))
    }

    fn serialize_tuple(self, _: usize) -> Result<Members<'a>, Unfit> {
        Ok(self.members('[', ']'))
    }

    fn serialize_tuple_struct(self, _: &'static str, _: usize) -> Result<Members<'a>, Unfit> {
        Ok(self.members('[', ']'))
    }

    fn serialize_tuple_variant(
        self,
        _: &'static str,
        _: u32,
        _: &'static str,
        _: usize,
    ) -> Result<Impossible<(), Unfit>, Unfit> {
        Err(Unfit)
    }

    fn serialize_map(self, _: Option<usize>) -> Result<Members<'a>, Unfit> {
        Ok(self.members('{', '}'))
    }

    fn serialize_struct(self, _: &'static str, _: usize) -> Result<Members<'a>, Unfit> {
        Ok(self.members('{', '}'))
    }

    fn serialize_struct_variant(
        self,
        _: &'static str,
        _: u32,
        _: &'static str,
        _: usize,
    ) -> Result<Impossible<(), Unfit>, Unfit> {
        Err(Unfit)
    }
}

impl SerializeSeq for Members<'_> {
    type Ok = ();
    type Error = Unfit;

    fn serialize_element<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Unfit> {
        value.serialize(self.comma())
    }

    fn end(self) -> Result<(), Unfit> {
        self.close();
        Ok(())
    }
}

impl SerializeTuple for Members<'_> {
    type Ok = ();
    type Error = Unfit;

    fn serialize_element<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Unfit> {
        value.serialize(self.comma())
    }

    fn end(self) -> Result<(), Unfit> {
        self.close();
        Ok(())
    }
}

impl SerializeTupleStruct for Members<'_> {
    type Ok = ();
    type Error = Unfit;

    fn serialize_field<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Unfit> {
        value.serialize(self.comma())
    }

    fn end(self) -> Result<(), Unfit> {
        self.close();
        Ok(())
    }
}

impl SerializeMap for Members<'_> {
    type Ok = ();
    type Error = Unfit;

    fn serialize_key<T: Serialize + ?Sized>(&mut self, key: &T) -> Result<(), Unfit> {
        key.serialize(self.comma())?;
        self.out.push(':');
        Ok(())
    }

    fn serialize_value<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Unfit> {
        value.serialize(Writer(self.out))
    }

    fn end(self) -> Result<(), Unfit> {
        self.close();
        Ok(())
    }
}

impl SerializeStruct for Members<'_> {
    type Ok = ();
    type Error = Unfit;

    fn serialize_field<T: Serialize + ?Sized>(&mut self, name: &'static str, value: &T) -> Result<(), Unfit> {
        value.serialize(self.name(name))
    }

    fn end(self) -> Result<(), Unfit> {
        self.close();
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use romp_domain::calls::{Call, ExceptionSave, PetSave, Request, Status, Swipe};
    use romp_domain::text::{PetName, Remark};
    use romp_domain::*;
    use uuid::Uuid;

    /// The core reads with `serde_json`; what is written here must be what it would have written.
    fn is_written_alike(request: &Request) {
        let ours = write(request).unwrap();
        assert_eq!(ours, serde_json::to_string(request).unwrap());
    }

    #[test]
    fn every_character_arrives() {
        for text in [
            "",
            "a\"b\\c/d\n\t\u{8}\u{c}\r\u{1}\u{1f}\u{7f}",
            "Zoë 👩‍🚀 \u{2028}",
        ] {
            let written = write(&text).unwrap();
            assert_eq!(
                serde_json::from_str::<String>(&written).unwrap(),
                text,
                "{written}"
            );
        }
    }

    #[test]
    fn every_shape_of_a_request_is_written_as_the_core_expects_it() {
        is_written_alike(&Status {}.into_request());
        let pet_id = PetId(Uuid::from_u128(7));
        is_written_alike(
            &Swipe {
                actor: pet_id,
                target: PetId(Uuid::from_u128(8)),
                verdict: Verdict::Yes,
                child: None,
            }
            .into_request(),
        );
        let mut pet = Pet::new(Species::Dog);
        pet.name = PetName::new("Zoë \"Zo\" \\ ☂").ok();
        pet.breed = Breed::Described {
            words: Remark::new("a bit of all").unwrap(),
        };
        pet.weight_g = Weight::new(12_500).ok();
        pet.birth_month = Some(jiff::civil::date(2022, 6, 1));
        pet.play_styles = [PlayStyle::Gentle, PlayStyle::Chaser].into();
        let id = Some(pet_id);
        is_written_alike(&PetSave { id, seen: None, pet }.into_request());
        let exception = DateException {
            day: jiff::civil::date(2026, 12, 24),
            change: ExceptionChange::Closed,
        };
        is_written_alike(&ExceptionSave { id: None, exception }.into_request());
    }
}
