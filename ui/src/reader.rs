//! Reads what the backend answers: values of JavaScript as the types of `conclave_shared`.
//!
//! Fields and variants are found by their names here, and serde is given them by their places. What serde writes to find them by
//! name itself, for every struct anew, would make the pages a fifth larger.

use std::fmt;

use js_sys::{Array, Object, Reflect};
use serde::de::value::U32Deserializer;
use serde::de::{
    DeserializeSeed, EnumAccess, Expected, IntoDeserializer, MapAccess, SeqAccess, VariantAccess, Visitor,
};
use serde::{Deserialize, Deserializer};
use wasm_bindgen::{JsCast, JsValue};

/// The properties in which the name of a variant stands beside its fields. See `conclave_shared::request::Reply`.
const NAMES_INSIDE: [&str; 7] = ["reply", "unmet", "wait", "difference", "says", "comparison", "state"];

/// The largest number below which JavaScript has every whole one.
const WHOLE: f64 = 9_007_199_254_740_991.0;

/// A value that is not what it should be.
#[derive(Debug)]
pub struct Unreadable(&'static str);

impl fmt::Display for Unreadable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the answer could not be read: {}", self.0)
    }
}

impl std::error::Error for Unreadable {}

// What serde has to say to it is left out: it would bring the names of all types and fields into the pages.
impl serde::de::Error for Unreadable {
    fn custom<T: fmt::Display>(_: T) -> Self {
        Unreadable("a value is not valid")
    }

    fn invalid_type(_: serde::de::Unexpected, _: &dyn Expected) -> Self {
        Unreadable("a value is of another type")
    }

    fn invalid_value(_: serde::de::Unexpected, _: &dyn Expected) -> Self {
        Unreadable("a value is not valid")
    }

    fn invalid_length(_: usize, _: &dyn Expected) -> Self {
        Unreadable("a field is missing")
    }
}

/// Reads a value.
pub fn read<T: for<'de> Deserialize<'de>>(value: JsValue) -> Result<T, Unreadable> {
    T::deserialize(Reader(value))
}

struct Reader(JsValue);

impl Reader {
    fn number(&self) -> Result<f64, Unreadable> {
        self.0.as_f64().ok_or(Unreadable("a number was expected"))
    }

    fn whole(&self) -> Result<i64, Unreadable> {
        let number = self.number()?;
        if number.fract() == 0.0 && number.abs() <= WHOLE {
            Ok(number as i64)
        } else {
            Err(Unreadable("a whole number was expected"))
        }
    }

    fn natural(&self) -> Result<u64, Unreadable> {
        u64::try_from(self.whole()?).map_err(|_| Unreadable("a number is below zero"))
    }

    fn text(&self) -> Result<String, Unreadable> {
        self.0.as_string().ok_or(Unreadable("a text was expected"))
    }

    fn items(self) -> Result<Items, Unreadable> {
        let items = self.0.dyn_into::<Array>().map_err(|_| Unreadable("a list was expected"))?;
        Ok(Items { items, next: 0 })
    }

    /// The fields of a struct of these names.
    fn fields(self, names: &'static [&'static str]) -> Result<Fields, Unreadable> {
        if self.0.is_object() {
            Ok(Fields { object: self.0, names: names.iter() })
        } else {
            Err(Unreadable("an object was expected"))
        }
    }

    /// Which of these variants it is: a text alone, an object with its name inside, or one that has its name for its only key.
    fn variant(self, variants: &'static [&'static str]) -> Result<Variant, Unreadable> {
        let (name, content) = match self.0.as_string() {
            Some(name) => (name, JsValue::UNDEFINED),
            None => named(self.0).ok_or(Unreadable("a variant was expected"))?,
        };
        let index = variants.iter().position(|variant| *variant == name).ok_or(Unreadable("a variant is unknown"))?;
        Ok(Variant { index: index as u32, content: Reader(content) })
    }
}

fn named(value: JsValue) -> Option<(String, JsValue)> {
    let inside = NAMES_INSIDE.iter().find_map(|name| Reflect::get(&value, &(*name).into()).ok()?.as_string());
    if let Some(name) = inside {
        return Some((name, value));
    }
    let entry: Array = Object::entries(value.dyn_ref()?).get(0).dyn_into().ok()?;
    Some((entry.get(0).as_string()?, entry.get(1)))
}

macro_rules! numbers {
    ($($method:ident)*, $as:ident, $visit:ident) => {
        $(fn $method<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Unreadable> {
            visitor.$visit(self.$as()?)
        })*
    };
}

impl<'de> Deserializer<'de> for Reader {
    type Error = Unreadable;

    numbers!(deserialize_u8 deserialize_u16 deserialize_u32 deserialize_u64, natural, visit_u64);
    numbers!(deserialize_i8 deserialize_i16 deserialize_i32 deserialize_i64, whole, visit_i64);
    numbers!(deserialize_f32 deserialize_f64, number, visit_f64);
    numbers!(deserialize_char deserialize_str deserialize_string, text, visit_string);

    fn deserialize_bool<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Unreadable> {
        visitor.visit_bool(self.0.as_bool().ok_or(Unreadable("yes or no was expected"))?)
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Unreadable> {
        if self.0.is_null() || self.0.is_undefined() { visitor.visit_none() } else { visitor.visit_some(self) }
    }

    fn deserialize_unit<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Unreadable> {
        visitor.visit_unit()
    }

    fn deserialize_unit_struct<V: Visitor<'de>>(self, _: &'static str, visitor: V) -> Result<V::Value, Unreadable> {
        visitor.visit_unit()
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(self, _: &'static str, visitor: V) -> Result<V::Value, Unreadable> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_seq<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Unreadable> {
        visitor.visit_seq(self.items()?)
    }

    fn deserialize_tuple<V: Visitor<'de>>(self, _: usize, visitor: V) -> Result<V::Value, Unreadable> {
        visitor.visit_seq(self.items()?)
    }

    fn deserialize_tuple_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: usize,
        visitor: V,
    ) -> Result<V::Value, Unreadable> {
        visitor.visit_seq(self.items()?)
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Unreadable> {
        visitor.visit_seq(self.fields(fields)?)
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _: &'static str,
        variants: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Unreadable> {
        visitor.visit_enum(self.variant(variants)?)
    }

    fn deserialize_map<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Unreadable> {
        let object = self.0.dyn_ref::<Object>().ok_or(Unreadable("an object was expected"))?;
        visitor.visit_map(Entries { entries: Object::entries(object), next: 0 })
    }

    fn deserialize_any<V: Visitor<'de>>(self, _: V) -> Result<V::Value, Unreadable> {
        Err(Unreadable("a type is not said"))
    }

    serde::forward_to_deserialize_any! { bytes byte_buf identifier ignored_any }
}

/// The items of a list.
struct Items {
    items: Array,
    next: u32,
}

impl<'de> SeqAccess<'de> for Items {
    type Error = Unreadable;

    fn next_element_seed<T: DeserializeSeed<'de>>(&mut self, seed: T) -> Result<Option<T::Value>, Unreadable> {
        if self.next == self.items.length() {
            return Ok(None);
        }
        let item = self.items.get(self.next);
        self.next += 1;
        seed.deserialize(Reader(item)).map(Some)
    }

    fn size_hint(&self) -> Option<usize> {
        Some(self.items.length() as usize)
    }
}

/// The fields of an object in the order of their names. One that is not there is none, where it may be, or else serde takes its
/// default, if it has one.
struct Fields {
    object: JsValue,
    names: std::slice::Iter<'static, &'static str>,
}

impl Fields {
    fn next(&mut self) -> Option<Reader> {
        Reflect::get(&self.object, &(*self.names.next()?).into()).ok().map(Reader)
    }
}

impl<'de> SeqAccess<'de> for Fields {
    type Error = Unreadable;

    fn next_element_seed<T: DeserializeSeed<'de>>(&mut self, seed: T) -> Result<Option<T::Value>, Unreadable> {
        let Some(value) = self.next() else { return Ok(None) };
        let is_there = !value.0.is_undefined();
        let read = seed.deserialize(value);
        if is_there { read.map(Some) } else { Ok(read.ok()) }
    }
}

/// The entries of an object whose keys are data.
struct Entries {
    entries: Array,
    next: u32,
}

impl Entries {
    fn part(&self, part: u32) -> Reader {
        Reader(self.entries.get(self.next).dyn_ref::<Array>().map_or(JsValue::UNDEFINED, |entry| entry.get(part)))
    }
}

impl<'de> MapAccess<'de> for Entries {
    type Error = Unreadable;

    fn next_key_seed<K: DeserializeSeed<'de>>(&mut self, seed: K) -> Result<Option<K::Value>, Unreadable> {
        if self.next == self.entries.length() {
            return Ok(None);
        }
        seed.deserialize(self.part(0)).map(Some)
    }

    fn next_value_seed<V: DeserializeSeed<'de>>(&mut self, seed: V) -> Result<V::Value, Unreadable> {
        let value = self.part(1);
        self.next += 1;
        seed.deserialize(value)
    }
}

/// A variant of an enum, and what is in it.
struct Variant {
    index: u32,
    content: Reader,
}

impl<'de> EnumAccess<'de> for Variant {
    type Error = Unreadable;
    type Variant = Reader;

    fn variant_seed<V: DeserializeSeed<'de>>(self, seed: V) -> Result<(V::Value, Reader), Unreadable> {
        let index: U32Deserializer<Unreadable> = self.index.into_deserializer();
        Ok((seed.deserialize(index)?, self.content))
    }
}

impl<'de> VariantAccess<'de> for Reader {
    type Error = Unreadable;

    fn unit_variant(self) -> Result<(), Unreadable> {
        Ok(())
    }

    fn newtype_variant_seed<T: DeserializeSeed<'de>>(self, seed: T) -> Result<T::Value, Unreadable> {
        seed.deserialize(self)
    }

    fn tuple_variant<V: Visitor<'de>>(self, _: usize, visitor: V) -> Result<V::Value, Unreadable> {
        visitor.visit_seq(self.items()?)
    }

    fn struct_variant<V: Visitor<'de>>(
        self,
        fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Unreadable> {
        visitor.visit_seq(self.fields(fields)?)
    }
}
