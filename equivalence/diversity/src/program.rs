//! The program that this is, as machine code: its functions, its instructions and whose they are.

use crate::owner::{Owner, Slots};
use addr2line::Loader;
use iced_x86::{Decoder, DecoderOptions};
use object::{Object as _, ObjectSection as _, ObjectSymbol as _, SectionKind, SymbolKind};
use std::collections::BTreeMap;
use std::ops::Range;
use std::path::Path;

/// Of the files of a process.
const ITSELF: &str = "/proc/self/exe";
const MAPS: &str = "/proc/self/maps";

/// A function: its name as people write it, and where its code is, as the file counts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Function {
    pub(crate) name: String,
    pub(crate) code: Range<u64>,
}

/// See the module.
pub(crate) struct Program {
    /// Code, by the address of its first byte, as the file counts.
    code: Vec<(u64, Vec<u8>)>,
    /// In order of their addresses.
    functions: Vec<Function>,
    lines: Loader,
    /// Where the file is in memory.
    memory: Range<usize>,
    /// What is added to the file's addresses.
    moved: usize,
    /// What else is there, by name.
    libraries: Vec<(Range<usize>, String)>,
    slots: Slots,
}

impl Program {
    /// Reads the program of this process.
    ///
    /// # Errors
    /// A sentence.
    pub(crate) fn of_this_process(slots: Slots) -> Result<Self, String> {
        let wrong = |error: &dyn std::fmt::Display| format!("{ITSELF}: {error}");
        let bytes = std::fs::read(ITSELF).map_err(|error| wrong(&error))?;
        let file = object::File::parse(bytes.as_slice()).map_err(|error| wrong(&error))?;
        let mut code = Vec::new();
        for section in file.sections().filter(|section| section.kind() == SectionKind::Text) {
            let bytes = section.data().map_err(|error| wrong(&error))?;
            code.push((section.address(), bytes.to_vec()));
        }
        let mut functions: Vec<Function> = file
            .symbols()
            .filter(|symbol| symbol.kind() == SymbolKind::Text && symbol.size() > 0)
            .filter_map(|symbol| {
                let name = format!("{:#}", rustc_demangle::demangle(symbol.name().ok()?));
                let code = symbol.address()..symbol.address() + symbol.size();
                Some(Function { name, code })
            })
            .collect();
        functions.sort_by_key(|function| function.code.start);
        if functions.is_empty() {
            return Err(wrong(&"the program was stripped of its functions' names"));
        }
        let lines = Loader::new(Path::new(ITSELF)).map_err(|error| wrong(&error))?;
        let maps = std::fs::read_to_string(MAPS).map_err(|error| format!("{MAPS}: {error}"))?;
        let itself = std::fs::read_link(ITSELF).map_err(|error| wrong(&error))?;
        let (own, libraries): (Vec<_>, Vec<_>) =
            mapped(&maps).into_iter().partition(|(_, name)| Path::new(name) == itself);
        let (Some((first, _)), Some((last, _))) = (own.first(), own.last()) else {
            return Err(format!("{MAPS}: the program is not in it"));
        };
        let memory = first.start..last.end;
        // A program that is not bound to its addresses begins at 0 in its file.
        let moved = if file.kind() == object::ObjectKind::Dynamic { memory.start } else { 0 };
        Ok(Self { code, functions, lines, memory, moved, libraries, slots })
    }

    /// Where an address of this process is in the file.
    pub(crate) fn in_file(&self, address: usize) -> Option<u64> {
        self.memory.contains(&address).then(|| (address - self.moved) as u64)
    }

    /// The function in which an address of this process is.
    pub(crate) fn function(&self, address: usize) -> Option<&Function> {
        let address = self.in_file(address)?;
        let after = self.functions.partition_point(|function| function.code.start <= address);
        self.functions[..after].last().filter(|function| function.code.contains(&address))
    }

    /// The functions of versions, by family and slot.
    pub(crate) fn of_versions(&self) -> BTreeMap<(String, String), Vec<Range<u64>>> {
        let mut found: BTreeMap<(String, String), Vec<Range<u64>>> = BTreeMap::new();
        for function in &self.functions {
            if let Some(version) = self.slots.version(&function.name) {
                found.entry(version).or_default().push(function.code.clone());
            }
        }
        found
    }

    /// Whose the instruction at an address of this process is.
    pub(crate) fn owner(&self, address: usize) -> Owner {
        let Some(inside) = self.in_file(address) else {
            let library = self.libraries.iter().find(|(range, _)| range.contains(&address));
            return library.map_or_else(Owner::unknown, |(_, name)| {
                let name = name.rsplit('/').next().unwrap_or(name);
                Owner::Shared(name.split(".so").next().unwrap_or(name).to_owned())
            });
        };
        let line = self.lines.find_location(inside).ok().flatten();
        match line.and_then(|line| line.file) {
            Some(file) => self.slots.owner(file),
            None => self.owner_by_name(address),
        }
    }

    /// What was written in C or in assembly has no lines, but may have a name.
    fn owner_by_name(&self, address: usize) -> Owner {
        let name = self.function(address).map_or("", |function| function.name.as_str());
        let known = [("mi_", "mimalloc"), ("_mi_", "mimalloc"), ("ring_core", "ring")];
        let library = known.iter().find(|(prefix, _)| name.starts_with(prefix));
        library.map_or_else(Owner::unknown, |(_, library)| Owner::Shared((*library).to_owned()))
    }

    /// The operations of the code at these addresses of the file.
    pub(crate) fn operations(&self, code: &Range<u64>) -> Vec<u16> {
        let Some(bytes) = self.bytes(code) else { return Vec::new() };
        let mut decoder = Decoder::with_ip(64, bytes, code.start, DecoderOptions::NONE);
        decoder.iter().map(|instruction| instruction.mnemonic() as u16).collect()
    }

    /// The operation at an address of this process, if the program has code there.
    pub(crate) fn operation(&self, address: usize) -> Option<u16> {
        let at = self.in_file(address)?;
        // No instruction is longer.
        let bytes = self.bytes(&(at..at + 15)).or_else(|| self.bytes(&(at..at + 1)))?;
        let mut decoder = Decoder::with_ip(64, bytes, at, DecoderOptions::NONE);
        Some(decoder.decode().mnemonic() as u16)
    }

    fn bytes(&self, code: &Range<u64>) -> Option<&[u8]> {
        self.code.iter().find_map(|(start, bytes)| {
            let from = usize::try_from(code.start.checked_sub(*start)?).ok()?;
            let to = usize::try_from(code.end.checked_sub(*start)?).ok()?;
            bytes.get(from..to)
        })
    }
}

/// The files that a process has in memory, each with its first and last address, in order.
fn mapped(maps: &str) -> Vec<(Range<usize>, String)> {
    let mut found: Vec<(Range<usize>, String)> = Vec::new();
    for line in maps.lines() {
        let mut words = line.split_whitespace();
        let range = words.next().and_then(|range| {
            let (start, end) = range.split_once('-')?;
            let number = |text| usize::from_str_radix(text, 16).ok();
            Some(number(start)?..number(end)?)
        });
        let (Some(range), Some(name)) = (range, words.nth(4)) else { continue };
        match found.last_mut().filter(|(_, last)| last == name) {
            Some((before, _)) => before.end = range.end,
            None => found.push((range, name.to_owned())),
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::{Program, Slots, mapped};

    #[inline(never)]
    fn marked(numbers: &[u64]) -> u64 {
        numbers.iter().fold(7, |sum, number| sum ^ number.rotate_left(3))
    }

    #[test]
    fn this_program_is_read() {
        let program = Program::of_this_process(Slots::default()).unwrap();
        let address = (marked as fn(&[u64]) -> u64 as *const ()).addr();
        let function = program.function(address).unwrap();
        assert!(function.name.ends_with("marked"), "{function:?}");
        let operations = program.operations(&function.code);
        assert!(operations.len() > 3, "{operations:?}");
        assert_eq!(program.operation(address), operations.first().copied());
        assert_eq!(program.owner(address).to_string(), "diversity");
        assert!(program.of_versions().is_empty());
        assert_eq!(std::hint::black_box(marked(&[1])), 15);
    }

    #[test]
    fn what_is_in_memory_is_found() {
        let maps = "10-20 r--p 0 00:00 1  /a/b\n20-30 r-xp 0 00:00 1  /a/b\n40-50 rw-p 0 00:00 0\n\
                    60-70 r-xp 0 00:00 2  /lib/libc.so.6\n";
        let names: Vec<_> = mapped(maps);
        assert_eq!(names, [(16..48, "/a/b".to_owned()), (96..112, "/lib/libc.so.6".to_owned())]);
    }
}
