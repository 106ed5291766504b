//! Writes a corpus to begin with, one folder for each target, from the samples and from captures that are named.
//!
//! `cargo run --example seeds -- FOLDER [CAPTURE...]`

use hookscope_fuzz::seeds;
use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::path::{Path, PathBuf};
use std::{env, fs, io};

fn main() -> io::Result<()> {
    let mut arguments = env::args_os().skip(1).map(PathBuf::from);
    let folder = arguments.next().unwrap_or_else(|| "corpus".into());
    write(&folder, seeds::of_samples())?;
    for capture in arguments {
        write(&folder, seeds::of_capture(&fs::read(capture)?))?;
    }
    Ok(())
}

fn write(folder: &Path, seeds: seeds::Seeds) -> io::Result<()> {
    for (target, octets) in seeds {
        let folder = folder.join(target);
        fs::create_dir_all(&folder)?;
        let mut hasher = DefaultHasher::new();
        octets.hash(&mut hasher);
        fs::write(folder.join(format!("{:016x}", hasher.finish())), octets)?;
    }
    Ok(())
}
