//! Fox, bear, owl and lion.

use dioxus::prelude::*;

use super::{eyes, nose};

pub(super) fn fox() -> Element {
    rsx! {
        path { d: "M20 52 C14 32 16 16 21 12 C30 15 40 24 44 32Z M80 52 C86 32 84 16 79 12 C70 15 60 24 56 32Z", fill: "#D9692F" }
        path { d: "M23 36 C21 26 22 20 24 19 C30 22 35 27 37 31Z M77 36 C79 26 78 20 76 19 C70 22 65 27 63 31Z", fill: "#4A2B22" }
        path { d: "M50 26 C72 26 84 42 86 56 C80 72 62 88 50 88 C38 88 20 72 14 56 C16 42 28 26 50 26Z", fill: "#E5793A" }
        path { d: "M14 56 C26 52 40 56 50 70 C60 56 74 52 86 56 C80 72 62 88 50 88 C38 88 20 72 14 56Z", fill: "#FFF6EA" }
        {eyes(16, 51, "4.6")}
        {nose(72)}
    }
}

pub(super) fn bear() -> Element {
    rsx! {
        circle { cx: "25", cy: "28", r: "13", fill: "#8A5A3B" }
        circle { cx: "75", cy: "28", r: "13", fill: "#8A5A3B" }
        circle { cx: "25", cy: "28", r: "7", fill: "#D9A679" }
        circle { cx: "75", cy: "28", r: "7", fill: "#D9A679" }
        circle { cx: "50", cy: "54", r: "34", fill: "#9C6845" }
        ellipse { cx: "50", cy: "67", rx: "17", ry: "14", fill: "#E9CBA7" }
        {eyes(15, 48, "4.6")}
        {nose(62)}
    }
}

pub(super) fn owl() -> Element {
    rsx! {
        path { d: "M18 20 C30 22 40 26 50 26 C60 26 70 22 82 20 C88 34 88 48 86 58 C84 80 68 92 50 92 C32 92 16 80 14 58 C12 48 12 34 18 20Z", fill: "#7A6A95" }
        path { d: "M50 50 C66 50 72 66 70 78 C64 88 58 92 50 92 C42 92 36 88 30 78 C28 66 34 50 50 50Z", fill: "#CFC5E3" }
        circle { cx: "33", cy: "46", r: "17", fill: "#F6F0FF" }
        circle { cx: "67", cy: "46", r: "17", fill: "#F6F0FF" }
        circle { cx: "33", cy: "46", r: "11", fill: "#F2B544" }
        circle { cx: "67", cy: "46", r: "11", fill: "#F2B544" }
        {eyes(17, 46, "6.5")}
        path { d: "M43 56 H57 L50 68Z", fill: "#E58A2F" }
        path { d: "M42 76 l4 4 4 -4 4 4 4 -4", stroke: "#7A6A95", stroke_width: "2.5", stroke_linecap: "round", stroke_linejoin: "round", fill: "none" }
    }
}

pub(super) fn lion() -> Element {
    rsx! {
        path { d: "M50 6 L60 13 L72 10 L77 21 L89 25 L88 37 L96 47 L89 57 L92 69 L81 75 L78 87 L66 87 L57 95 L50 90 L43 95 L34 87 L22 87 L19 75 L8 69 L11 57 L4 47 L12 37 L11 25 L23 21 L28 10 L40 13Z", fill: "#B9652B", stroke: "#B9652B", stroke_width: "4", stroke_linejoin: "round" }
        circle { cx: "28", cy: "30", r: "9", fill: "#F2BC5B" }
        circle { cx: "72", cy: "30", r: "9", fill: "#F2BC5B" }
        circle { cx: "50", cy: "52", r: "29", fill: "#F2BC5B" }
        ellipse { cx: "42", cy: "66", rx: "11", ry: "9", fill: "#FFF1D2" }
        ellipse { cx: "58", cy: "66", rx: "11", ry: "9", fill: "#FFF1D2" }
        {eyes(13, 47, "4.4")}
        {nose(61)}
    }
}
