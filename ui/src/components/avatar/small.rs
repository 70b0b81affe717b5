//! Frog, otter, panda and hedgehog.

use dioxus::prelude::*;

use super::{eyes, nose};

pub(super) fn frog() -> Element {
    rsx! {
        circle { cx: "29", cy: "30", r: "15", fill: "#6DAE4F" }
        circle { cx: "71", cy: "30", r: "15", fill: "#6DAE4F" }
        path { d: "M50 28 C76 28 90 44 90 60 C90 78 72 88 50 88 C28 88 10 78 10 60 C10 44 24 28 50 28Z", fill: "#7BBF5A" }
        path { d: "M50 62 C68 62 80 66 84 72 C78 82 66 88 50 88 C34 88 22 82 16 72 C20 66 32 62 50 62Z", fill: "#CFE8A9" }
        circle { cx: "29", cy: "29", r: "10", fill: "#FFFFFF" }
        circle { cx: "71", cy: "29", r: "10", fill: "#FFFFFF" }
        {eyes(21, 30, "6.0")}
        path { d: "M24 60 C36 74 64 74 76 60", stroke: "#2B2230", stroke_width: "2.6", stroke_linecap: "round", fill: "none" }
        ellipse { cx: "22", cy: "56", rx: "5", ry: "3.4", fill: "#E9989A", opacity: "0.7" }
        ellipse { cx: "78", cy: "56", rx: "5", ry: "3.4", fill: "#E9989A", opacity: "0.7" }
    }
}

pub(super) fn otter() -> Element {
    rsx! {
        circle { cx: "20", cy: "42", r: "8", fill: "#6E4A35" }
        circle { cx: "80", cy: "42", r: "8", fill: "#6E4A35" }
        path { d: "M50 16 C74 16 86 34 84 54 C83 76 68 90 50 90 C32 90 17 76 16 54 C14 34 26 16 50 16Z", fill: "#8A6047" }
        path { d: "M50 52 C70 46 80 56 79 66 C76 82 64 90 50 90 C36 90 24 82 21 66 C20 56 30 46 50 52Z", fill: "#EFD9BE" }
        {eyes(17, 46, "4.6")}
        path { d: "M30 66 L12 62 M30 71 L14 74 M70 66 L88 62 M70 71 L86 74", stroke: "#6E4A35", stroke_width: "1.8", stroke_linecap: "round" }
        {nose(59)}
    }
}

pub(super) fn panda() -> Element {
    rsx! {
        circle { cx: "22", cy: "26", r: "13", fill: "#3A3440" }
        circle { cx: "78", cy: "26", r: "13", fill: "#3A3440" }
        circle { cx: "50", cy: "54", r: "36", fill: "#FFFFFF" }
        path { d: "M40 42 C34 34 20 44 22 56 C24 66 36 64 41 56 C44 50 43 46 40 42Z M60 42 C66 34 80 44 78 56 C76 66 64 64 59 56 C56 50 57 46 60 42Z", fill: "#3A3440" }
        circle { cx: "34", cy: "51", r: "5", fill: "#FFFFFF" }
        circle { cx: "66", cy: "51", r: "5", fill: "#FFFFFF" }
        {eyes(16, 51, "3.6")}
        ellipse { cx: "26", cy: "70", rx: "5", ry: "3.4", fill: "#E9989A", opacity: "0.6" }
        ellipse { cx: "74", cy: "70", rx: "5", ry: "3.4", fill: "#E9989A", opacity: "0.6" }
        {nose(67)}
    }
}

pub(super) fn hedgehog() -> Element {
    rsx! {
        path { d: "M50 10 L57 18 L68 12 L71 23 L83 21 L82 33 L93 37 L87 47 L96 56 L86 63 L90 75 L78 77 L76 88 H24 L22 77 L10 75 L14 63 L4 56 L13 47 L7 37 L18 33 L17 21 L29 23 L32 12 L43 18Z", fill: "#6B4F3D", stroke: "#6B4F3D", stroke_width: "3", stroke_linejoin: "round" }
        path { d: "M50 34 C58 26 78 34 80 56 C81 76 68 90 50 90 C32 90 19 76 20 56 C22 34 42 26 50 34Z", fill: "#F0D5B5" }
        circle { cx: "22", cy: "44", r: "6", fill: "#D9A679" }
        circle { cx: "78", cy: "44", r: "6", fill: "#D9A679" }
        {eyes(15, 54, "4.8")}
        ellipse { cx: "28", cy: "67", rx: "5.5", ry: "3.6", fill: "#E9989A", opacity: "0.7" }
        ellipse { cx: "72", cy: "67", rx: "5.5", ry: "3.6", fill: "#E9989A", opacity: "0.7" }
        {nose(66)}
    }
}
