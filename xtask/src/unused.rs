//! Functions that the page holds and never calls, taken out of the wasm before anything else is made of it.
//!
//! A table of methods keeps each of its members alive: a framework that can hear of dragged files brings the code that
//! reads them, an error type that can print where it was made brings the code that reads symbols. The compiler cannot
//! know that nobody asks. What is listed here becomes a trap, and what only it needed goes with it, JavaScript glue
//! included. A function that is called after all ends the page at once, which the browser tests would meet.

use walrus::{FunctionBuilder, FunctionKind, ModuleConfig};

use crate::Outcome;

/// Where such functions live: part of a path as the compiler writes it in names.
const UNUSED: &[&str] = &[
    // Where an error was made: errors of the page have no place to be printed.
    "rustc_demangle::",
    "std::backtrace",
    "as core::fmt::Debug>::fmt",
    // Events and their parts that no element listens to. Keys are heard by the page's own listener.
    "dioxus_web::events::keyboard",
    "dioxus_web::events::drag",
    "dioxus_web::events::touch",
    "dioxus_web::events::visible",
    "dioxus_web::events::scroll",
    "dioxus_web::files",
    "dioxus_web::data_transfer",
    "HasFormData>::values",
    // Components report nothing to the framework: what goes wrong is drawn.
    "error_boundary::default_handler",
    "anyhow::fmt",
    // Fractions are never written: places and shares of the page are whole pixels and percents.
    "core::fmt::float::",
    "flt2dec::",
    // The core sends days, which have neither a zone nor a fraction of a second.
    "jiff::fmt::offset",
    "jiff::fmt::rfc9557",
    "jiff::fmt::util::parse_temporal_fraction",
];

/// Instructions of a function that is certainly nobody else's: the compiler makes one of functions that are equal, under
/// the name of any of them, and short ones often are.
const LONG: u64 = 40;

/// Takes them out.
pub(crate) fn without(wasm: &[u8]) -> Outcome<Vec<u8>> {
    let mut module = ModuleConfig::new()
        .strict_validate(false)
        .generate_producers_section(false)
        .parse(wasm)
        .map_err(|error| format!("the compiled wasm cannot be read: {error:#}"))?;
    let found: Vec<_> = module
        .funcs
        .iter_local()
        .filter(|(id, function)| {
            function.size() >= LONG && module.funcs.get(*id).name.as_deref().is_some_and(is_unused)
        })
        .map(|(id, function)| (id, function.ty(), function.args.clone()))
        .collect();
    println!("{} functions are never called.", found.len());
    for (id, ty, args) in found {
        let ty = module.types.get(ty);
        let (params, results) = (ty.params().to_vec(), ty.results().to_vec());
        let mut trap = FunctionBuilder::new(&mut module.types, &params, &results);
        trap.func_body().unreachable();
        module.funcs.get_mut(id).kind = FunctionKind::Local(trap.local_func(args));
    }
    walrus::passes::gc::run(&mut module);
    Ok(module.emit_wasm())
}

fn is_unused(name: &str) -> bool {
    let name = format!("{:#}", rustc_demangle::demangle(name));
    !name.contains("drop_in_place") && UNUSED.iter().any(|path| name.contains(path))
}

#[cfg(test)]
mod tests {
    use super::*;
    use walrus::ir::BinaryOp;
    use walrus::{ExportItem, Module, ValType};

    #[test]
    fn what_ends_a_value_is_never_taken_out() {
        assert!(is_unused("dioxus_web::files::WebFileData::read_bytes"));
        assert!(!is_unused(
            "core::ptr::drop_in_place::<dioxus_web::files::WebFileData>"
        ));
    }

    #[test]
    fn what_is_never_called_becomes_a_trap_and_what_only_it_needed_goes() {
        let mut module = Module::default();
        let mut make = |name: &str, callee: Option<walrus::FunctionId>| {
            let mut builder = FunctionBuilder::new(&mut module.types, &[], &[ValType::I32]);
            match callee {
                Some(callee) => builder.func_body().call(callee),
                None => builder.func_body().i32_const(7),
            };
            for _ in 0..LONG {
                builder.func_body().i32_const(1).binop(BinaryOp::I32Add);
            }
            let id = builder.finish(Vec::new(), &mut module.funcs);
            module.funcs.get_mut(id).name = Some(name.to_owned());
            id
        };
        let only_for_it = make("reads_symbols", None);
        let never = make("std::backtrace::print", Some(only_for_it));
        let called = make("romp_ui::start", None);
        module.exports.add("never", ExportItem::Function(never));
        module.exports.add("called", ExportItem::Function(called));
        let left = Module::from_buffer(&without(&module.emit_wasm()).unwrap()).unwrap();
        let names: Vec<_> = left.funcs.iter().filter_map(|f| f.name.as_deref()).collect();
        assert_eq!(names.len(), 2, "{names:?}");
        let size = |name: &str| {
            let id = left.funcs.by_name(name).unwrap();
            left.funcs.get(id).kind.unwrap_local().size()
        };
        assert_eq!(size("std::backtrace::print"), 1);
        assert!(size("romp_ui::start") > LONG);
    }
}
