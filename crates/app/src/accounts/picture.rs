//! A line of text as a QR code: its dark squares, drawn as one path. Made here and not in the page, which has a budget.

use std::fmt::Write;

use qrcodegen::{QrCode, QrCodeEcc};
use romp_domain::view::QrView;

/// Light squares around the dark ones, without which no camera finds them (ISO/IEC 18004, 4 modules).
const QUIET: i32 = 4;

/// Draws a text; `None` where it is too long for any picture.
pub(crate) fn qr(text: &str) -> Option<QrView> {
    // What is on a screen is neither dirty nor torn: medium correction is plenty, and larger squares read better.
    let code = QrCode::encode_text(text, QrCodeEcc::Medium).ok()?;
    Some(QrView {
        side: u32::try_from(code.size() + 2 * QUIET).ok()?,
        path: path(&code),
    })
}

/// Every run of dark squares in a row, as a rectangle: `M4 4h7v1h-7z`.
fn path(code: &QrCode) -> String {
    let mut path = String::new();
    for y in 0..code.size() {
        let mut x = 0;
        while x < code.size() {
            let run = (x..code.size()).take_while(|x| code.get_module(*x, y)).count();
            let run = i32::try_from(run).unwrap_or_default();
            if run > 0 {
                // Writing to text does not fail.
                let _ = write!(path, "M{} {}h{run}v1h-{run}z", x + QUIET, y + QUIET);
            }
            x += run.max(1);
        }
    }
    path
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Fills the squares of a path, as a browser would, each as `scale` by `scale` dots: black is 0.
    fn fill(view: &QrView, scale: usize) -> (usize, Vec<u8>) {
        let side = view.side as usize;
        let mut dots = vec![255; side * scale * side * scale];
        for part in view.path.split('z').filter(|part| !part.is_empty()) {
            let numbers: Vec<usize> = part
                .split(|c: char| !c.is_ascii_digit())
                .filter_map(|number| number.parse().ok())
                .collect();
            let (x, y, run) = (numbers[0], numbers[1], numbers[2]);
            assert_eq!(part, format!("M{x} {y}h{run}v1h-{run}"));
            for dot_y in y * scale..(y + 1) * scale {
                let start = dot_y * side * scale;
                dots[start + x * scale..start + (x + run) * scale].fill(0);
            }
        }
        (side * scale, dots)
    }

    #[test]
    fn the_picture_is_read_as_what_was_drawn() {
        let longest = format!(
            "romp:pair?code=ABCD2345&server=https://{}.example",
            "a".repeat(280)
        );
        for text in ["romp:pair?code=ABCD2345&server=https://romp.example", &longest] {
            let view = qr(text).unwrap();
            let (side, dots) = fill(&view, 4);
            let mut image =
                rqrr::PreparedImage::prepare_from_greyscale(side, side, |x, y| dots[y * side + x]);
            let found = image.detect_grids();
            assert_eq!(found.len(), 1);
            assert_eq!(found[0].decode().unwrap().1, text);
        }
    }

    #[test]
    fn around_it_nothing_is_drawn() {
        let view = qr("romp").unwrap();
        let (side, dots) = fill(&view, 1);
        let quiet = QUIET as usize;
        let inside = quiet..side - quiet;
        for y in 0..side {
            for x in 0..side {
                let edge = !inside.contains(&x) || !inside.contains(&y);
                assert!(!edge || dots[y * side + x] == 255, "{x} {y}");
            }
        }
        assert!(qr(&"x".repeat(3_000)).is_none());
    }
}
