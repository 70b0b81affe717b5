//! Text to values: a JSON parser for what the core sends. Deliberately absent: numbers with a point or an exponent,
//! which no reply has.

use super::Unfit;

/// Deeper than any reply; a guard for the stack.
const DEPTH: u32 = 64;

/// A JSON value.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum Value {
    /// `null`.
    #[default]
    Null,
    /// True or false.
    Bool(bool),
    /// A whole number.
    Number(i64),
    /// Text.
    Text(String),
    /// A list.
    List(Vec<Value>),
    /// An object: its fields, in their order.
    Fields(Vec<(String, Value)>),
}

impl Value {
    /// A field; null where there is none.
    pub fn at(&self, field: &str) -> &Self {
        let Self::Fields(fields) = self else {
            return &Self::Null;
        };
        let found = fields.iter().find(|(name, _)| name == field);
        found.map_or(&Self::Null, |(_, value)| value)
    }

    /// The text; empty where there is none.
    pub fn text(&self) -> &str {
        match self {
            Self::Text(text) => text,
            _ => "",
        }
    }

    /// The number, if it is one.
    pub fn number(&self) -> Option<i64> {
        match self {
            Self::Number(number) => Some(*number),
            _ => None,
        }
    }

    /// Whether it is true.
    pub fn is_true(&self) -> bool {
        *self == Self::Bool(true)
    }

    /// Whether there is nothing.
    pub fn is_null(&self) -> bool {
        *self == Self::Null
    }

    /// The items of a list; none where it is no list.
    pub fn items(&self) -> &[Self] {
        match self {
            Self::List(items) => items,
            _ => &[],
        }
    }

    /// Whether a list has this text.
    pub fn has(&self, text: &str) -> bool {
        self.items().iter().any(|item| item.text() == text)
    }
}

/// Parses all of a text.
pub(crate) fn parse(text: &str) -> Result<Value, Unfit> {
    let mut parser = Parser { text, at: 0 };
    let value = parser.value(0)?;
    parser.space();
    if parser.at == text.len() {
        Ok(value)
    } else {
        Err(Unfit)
    }
}

struct Parser<'a> {
    text: &'a str,
    at: usize,
}

impl Parser<'_> {
    fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    fn space(&mut self) {
        while matches!(self.peek(), Some(b' ' | b'\t' | b'\n' | b'\r')) {
            self.at += 1;
        }
    }

    /// Passes over a character, if it is the next after white space.
    fn pass(&mut self, byte: u8) -> bool {
        self.space();
        let found = self.peek() == Some(byte);
        self.at += usize::from(found);
        found
    }

    fn value(&mut self, depth: u32) -> Result<Value, Unfit> {
        if depth > DEPTH {
            return Err(Unfit);
        }
        self.space();
        match self.peek().ok_or(Unfit)? {
            b'"' => self.string().map(Value::Text),
            b'[' => self.list(depth),
            b'{' => self.fields(depth),
            b't' => self.word("true", Value::Bool(true)),
            b'f' => self.word("false", Value::Bool(false)),
            b'n' => self.word("null", Value::Null),
            _ => self.number(),
        }
    }

    fn word(&mut self, word: &str, value: Value) -> Result<Value, Unfit> {
        if !self.text[self.at..].starts_with(word) {
            return Err(Unfit);
        }
        self.at += word.len();
        Ok(value)
    }

    fn number(&mut self) -> Result<Value, Unfit> {
        let start = self.at;
        while matches!(self.peek(), Some(b'-' | b'0'..=b'9')) {
            self.at += 1;
        }
        let digits = &self.text[start..self.at];
        let point = matches!(self.peek(), Some(b'.' | b'e' | b'E'));
        match digits.parse() {
            Ok(number) if !point => Ok(Value::Number(number)),
            _ => Err(Unfit),
        }
    }

    fn list(&mut self, depth: u32) -> Result<Value, Unfit> {
        self.at += 1;
        let mut items = Vec::new();
        if self.pass(b']') {
            return Ok(Value::List(items));
        }
        loop {
            items.push(self.value(depth + 1)?);
            if self.pass(b']') {
                return Ok(Value::List(items));
            }
            if !self.pass(b',') {
                return Err(Unfit);
            }
        }
    }

    fn fields(&mut self, depth: u32) -> Result<Value, Unfit> {
        self.at += 1;
        let mut fields = Vec::new();
        if self.pass(b'}') {
            return Ok(Value::Fields(fields));
        }
        loop {
            self.space();
            let name = self.string()?;
            if !self.pass(b':') {
                return Err(Unfit);
            }
            fields.push((name, self.value(depth + 1)?));
            if self.pass(b'}') {
                return Ok(Value::Fields(fields));
            }
            if !self.pass(b',') {
                return Err(Unfit);
            }
        }
    }

    fn string(&mut self) -> Result<String, Unfit> {
        if self.peek() != Some(b'"') {
            return Err(Unfit);
        }
        self.at += 1;
        let mut text = String::new();
        loop {
            let start = self.at;
            while !matches!(self.peek(), None | Some(b'"' | b'\\')) {
                self.at += 1;
            }
            text.push_str(&self.text[start..self.at]);
            let byte = self.peek().ok_or(Unfit)?;
            self.at += 1;
            if byte == b'"' {
                return Ok(text);
            }
            text.push(self.escaped()?);
        }
    }

    fn escaped(&mut self) -> Result<char, Unfit> {
        let byte = self.peek().ok_or(Unfit)?;
        self.at += 1;
        Ok(match byte {
            b'"' | b'\\' | b'/' => char::from(byte),
            b'b' => '\u{8}',
            b'f' => '\u{c}',
            b'n' => '\n',
            b'r' => '\r',
            b't' => '\t',
            b'u' => return self.code_point(),
            _ => return Err(Unfit),
        })
    }

    /// Four digits, or twice four where one character needs two units of UTF-16.
    fn code_point(&mut self) -> Result<char, Unfit> {
        let first = self.unit()?;
        if let Some(character) = char::from_u32(first) {
            return Ok(character);
        }
        if !self.text[self.at..].starts_with("\\u") {
            return Err(Unfit);
        }
        self.at += 2;
        let second = self.unit()?;
        let pair = (0xD800..0xDC00).contains(&first) && (0xDC00..0xE000).contains(&second);
        let point = 0x1_0000 + ((first & 0x3FF) << 10) + (second & 0x3FF);
        char::from_u32(point).filter(|_| pair).ok_or(Unfit)
    }

    fn unit(&mut self) -> Result<u32, Unfit> {
        let digits = self.text.get(self.at..self.at + 4).ok_or(Unfit)?;
        self.at += 4;
        u32::from_str_radix(digits, 16).map_err(|_| Unfit)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_parsed() {
        let list = Value::List(vec![Value::Number(-12), Value::Bool(true), Value::Null]);
        assert_eq!(parse(" [ -12 , true,null ] "), Ok(list));
        let fields = vec![
            ("a b".to_owned(), Value::List(vec![])),
            ("c".to_owned(), Value::Fields(vec![])),
        ];
        assert_eq!(parse(r#"{"a b":[], "c" : { } }"#), Ok(Value::Fields(fields)));
    }

    #[test]
    fn what_is_not_there_is_nothing_and_no_error() {
        let value = parse(r#"{"a":["x"],"n":3,"yes":true}"#).unwrap();
        assert!(value.at("a").has("x") && !value.at("a").has("y") && value.at("yes").is_true());
        assert_eq!((value.at("n").number(), value.at("n").text()), (Some(3), ""));
        assert!(value.at("b").at("c").is_null() && value.at("b").items().is_empty());
    }

    #[test]
    fn text_is_taken_as_it_was_written() {
        for text in [
            "",
            "Zoë “Zo”",
            "a\"b\\c/d\n\t\u{8}\u{c}\r\u{1}",
            "👩‍🚀",
            "\u{7f}\u{ffff}",
        ] {
            let written = serde_json::to_string(text).unwrap();
            assert_eq!(parse(&written), Ok(Value::Text(text.to_owned())), "{written}");
        }
        assert_eq!(
            parse(r#""\ud83d\ude80 \u00eb \/""#),
            Ok(Value::Text("🚀 ë /".to_owned()))
        );
    }

    #[test]
    fn what_is_not_json_is_refused() {
        let deep = "[".repeat(100_000);
        for bad in [
            "",
            "tru",
            "[1,]",
            "{\"a\"}",
            "{a:1}",
            "1 2",
            "\"",
            "\"\\x\"",
            "\"\\ud83d\"",
            "\"\\u12",
            "1.5",
            "1e3",
            "--1",
            "99999999999999999999",
            &deep,
        ] {
            assert_eq!(parse(bad), Err(Unfit), "{}", &bad[..bad.len().min(20)]);
        }
    }
}
