//! Reading. Deliberately absent: borrowed text, bytes, variants with content.

use serde::de::value::StrDeserializer;
use serde::de::{
    DeserializeOwned, DeserializeSeed, Deserializer, EnumAccess, MapAccess, SeqAccess, VariantAccess, Visitor,
};
use serde::forward_to_deserialize_any;

use super::Unfit;
use super::value::{Value, parse};

/// Reads text as a type.
#[inline(never)]
pub(crate) fn read<T: DeserializeOwned>(text: &str) -> Result<T, Unfit> {
    T::deserialize(Node(&parse(text)?))
}

/// A value being read.
#[derive(Clone, Copy)]
struct Node<'a>(&'a Value);

impl<'de> Deserializer<'de> for Node<'_> {
    type Error = Unfit;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Unfit> {
        match self.0 {
            Value::Null => visitor.visit_unit(),
            Value::Bool(yes) => visitor.visit_bool(*yes),
            Value::Number(number) => visitor.visit_i64(*number),
            Value::Text(text) => visitor.visit_str(text),
            Value::List(items) => visitor.visit_seq(Items(items.iter())),
            Value::Fields(fields) => visitor.visit_map(Fields {
                fields: fields.iter(),
                value: None,
            }),
        }
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Unfit> {
        match self.0 {
            Value::Null => visitor.visit_none(),
            _ => visitor.visit_some(self),
        }
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        visitor: V,
    ) -> Result<V::Value, Unfit> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Unfit> {
        match self.0 {
            Value::Text(word) => visitor.visit_enum(Word(word)),
            _ => Err(Unfit),
        }
    }

    // The rest says what it expects, and gets that or nothing: a type that expects an object need not carry the
    // code that would read it from a list.

    fn deserialize_bool<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Unfit> {
        match self.0 {
            Value::Bool(yes) => visitor.visit_bool(*yes),
            _ => Err(Unfit),
        }
    }

    fn deserialize_str<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Unfit> {
        match self.0 {
            Value::Text(text) => visitor.visit_str(text),
            _ => Err(Unfit),
        }
    }

    fn deserialize_string<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Unfit> {
        self.deserialize_str(visitor)
    }

    fn deserialize_i64<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Unfit> {
        match self.0 {
            Value::Number(number) => visitor.visit_i64(*number),
            _ => Err(Unfit),
        }
    }

    fn deserialize_u8<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Unfit> {
        self.deserialize_u64(visitor)
    }

    fn deserialize_u32<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Unfit> {
        self.deserialize_u64(visitor)
    }

    fn deserialize_u64<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Unfit> {
        match self.0 {
            Value::Number(number) => visitor.visit_u64(u64::try_from(*number).map_err(|_| Unfit)?),
            _ => Err(Unfit),
        }
    }

    fn deserialize_unit<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Unfit> {
        match self.0 {
            Value::Null => visitor.visit_unit(),
            _ => Err(Unfit),
        }
    }

    fn deserialize_seq<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Unfit> {
        match self.0 {
            Value::List(items) => visitor.visit_seq(Items(items.iter())),
            _ => Err(Unfit),
        }
    }

    fn deserialize_map<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Unfit> {
        match self.0 {
            Value::Fields(fields) => visitor.visit_map(Fields {
                fields: fields.iter(),
                value: None,
            }),
            _ => Err(Unfit),
        }
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Unfit> {
        self.deserialize_map(visitor)
    }

    fn is_human_readable(&self) -> bool {
        true
    }

    forward_to_deserialize_any! {
        i8 i16 i32 u16 f32 f64 char bytes byte_buf unit_struct tuple tuple_struct identifier ignored_any
    }
}

struct Items<'a>(std::slice::Iter<'a, Value>);

impl<'de> SeqAccess<'de> for Items<'_> {
    type Error = Unfit;

    fn next_element_seed<T: DeserializeSeed<'de>>(&mut self, seed: T) -> Result<Option<T::Value>, Unfit> {
        self.0.next().map(|item| seed.deserialize(Node(item))).transpose()
    }
}

struct Fields<'a> {
    fields: std::slice::Iter<'a, (String, Value)>,
    value: Option<&'a Value>,
}

impl<'de> MapAccess<'de> for Fields<'_> {
    type Error = Unfit;

    fn next_key_seed<K: DeserializeSeed<'de>>(&mut self, seed: K) -> Result<Option<K::Value>, Unfit> {
        let Some((name, value)) = self.fields.next() else {
            return Ok(None);
        };
        self.value = Some(value);
        seed.deserialize(StrDeserializer::new(name)).map(Some)
    }

    fn next_value_seed<V: DeserializeSeed<'de>>(&mut self, seed: V) -> Result<V::Value, Unfit> {
        seed.deserialize(Node(self.value.take().ok_or(Unfit)?))
    }
}

/// A member of a closed set: on the wire they are all plain words.
struct Word<'a>(&'a str);

impl<'de> EnumAccess<'de> for Word<'_> {
    type Error = Unfit;
    type Variant = Self;

    fn variant_seed<V: DeserializeSeed<'de>>(self, seed: V) -> Result<(V::Value, Self), Unfit> {
        let member = seed.deserialize(StrDeserializer::new(self.0))?;
        Ok((member, self))
    }
}

impl<'de> VariantAccess<'de> for Word<'_> {
    type Error = Unfit;

    fn unit_variant(self) -> Result<(), Unfit> {
        Ok(())
    }

    fn newtype_variant_seed<T: DeserializeSeed<'de>>(self, _: T) -> Result<T::Value, Unfit> {
        Err(Unfit)
    }

    fn tuple_variant<V: Visitor<'de>>(self, _: usize, _: V) -> Result<V::Value, Unfit> {
        Err(Unfit)
    }

    fn struct_variant<V: Visitor<'de>>(self, _: &'static [&'static str], _: V) -> Result<V::Value, Unfit> {
        Err(Unfit)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;
    use romp_domain::text::{BreedName, PetName};
    use romp_domain::view::{HoursView, PetView, PlaydateView, SlotView};
    use romp_domain::*;
    use uuid::Uuid;

    fn survives<T: serde::Serialize + DeserializeOwned + PartialEq + std::fmt::Debug>(value: &T) {
        let text = serde_json::to_string(value).unwrap();
        assert_eq!(read::<T>(&text).as_ref(), Ok(value), "{text}");
    }

    fn pet() -> PetView {
        let mut pet = Pet::new(Species::Dog);
        pet.name = Some(PetName::new("Zoë “Zo”").unwrap());
        pet.breed = Breed::Mix {
            first: Some(BreedName::new("Collie").unwrap()),
            second: None,
        };
        pet.weight_g = Some(Weight::new(12_500).unwrap());
        pet.birth_month = Some(date(2022, 6, 1));
        pet.play_styles = [PlayStyle::Gentle, PlayStyle::Chaser].into();
        PetView {
            id: PetId(Uuid::from_u128(7)),
            pet,
        }
    }

    #[test]
    fn every_shape_of_a_reply_is_read_as_it_was_written() {
        survives(&vec![pet()]);
        survives(&Option::<PetId>::None);
        survives(&());
        let minute = |n| Minute::new(n).unwrap();
        survives(&HoursView {
            weekly: vec![SlotView {
                id: SlotId(Uuid::from_u128(1)),
                hours: WeeklyHours::new(Weekday::Sunday, minute(0), minute(1440)).unwrap(),
            }],
            exceptions: vec![view::ExceptionView {
                id: ExceptionId(Uuid::from_u128(2)),
                exception: DateException {
                    day: date(2026, 12, 24),
                    change: ExceptionChange::Open {
                        start: minute(60),
                        end: minute(90),
                    },
                },
            }],
        });
        let other = PublicPet::of(PetId(Uuid::from_u128(8)), &pet().pet, date(2026, 1, 1));
        survives(&PlaydateView {
            id: PlaydateId(Uuid::from_u128(3)),
            matched: MatchId(Uuid::from_u128(4)),
            pet: pet(),
            playdate: Playdate {
                pet: PetId(Uuid::from_u128(7)),
                other,
                slot: TimeSpan::new(UtcMs(1), UtcMs(2)).unwrap(),
                zone: ZoneName::utc(),
                venue: Venue::Walk,
                area: Area::around(47.6, -122.3).ok(),
                state: PlaydateState::Confirmed,
                cancelled: None,
                accepted: true,
                other_accepted: false,
                first_meeting: true,
                reasons: vec![
                    Reason::BothPlay {
                        style: PlayStyle::Tugger,
                    },
                    Reason::BothFree {
                        weekday: Weekday::Monday,
                    },
                    Reason::Nearby,
                ],
                rev: 4,
                confirmed_at: Some(UtcMs(-5)),
            },
            local: view::LocalSpan {
                day: date(2026, 12, 5),
                weekday: Weekday::Saturday,
                start: minute(600),
                end: minute(690),
            },
            waiting: Some(PlaydateAct::Cancel),
            past: false,
        });
        survives(&Problem::new(ErrorCode::TooMany).after(30));
    }

    #[test]
    fn what_the_domain_refuses_is_not_read() {
        assert_eq!(read::<Minute>("1441"), Err(Unfit));
        assert_eq!(read::<Species>("\"dragon\""), Err(Unfit));
        assert_eq!(read::<jiff::civil::Date>("\"2026-02-30\""), Err(Unfit));
        assert_eq!(read::<PetName>("\"\""), Err(Unfit));
        assert_eq!(
            read::<Breed>(r#"{"known":"pure","breed":"Collie","colour":"red"}"#),
            Err(Unfit)
        );
        assert_eq!(read::<Vec<Minute>>("[1,2"), Err(Unfit));
    }
}
