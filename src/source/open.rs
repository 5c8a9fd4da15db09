//! Opening the files of a tree one after another.

use std::fs::File;
use std::io;
use std::path::Path;

#[cfg(target_os = "linux")]
use std::{
    ffi::OsStr,
    os::{fd::OwnedFd, unix::ffi::OsStrExt},
};

#[cfg(target_os = "linux")]
use rustix::fs::{Mode, OFlags, open, openat};

/// Opens files by their name in a folder that is kept open: the system resolves a folder's path once and not for each file
/// in it, which is a tenth of what it takes to read a tree of small files.
#[derive(Default)]
pub struct Opener {
    /// The folder of the last file, with the sign behind it.
    #[cfg(target_os = "linux")]
    path: Vec<u8>,
    #[cfg(target_os = "linux")]
    folder: Option<OwnedFd>,
}

impl Opener {
    /// Opens a file for reading.
    ///
    /// # Errors
    /// Those of [`File::open`].
    pub fn open(&mut self, path: &Path) -> io::Result<File> {
        #[cfg(target_os = "linux")]
        if let Some(file) = self.open_in_folder(path) {
            return Ok(file);
        }
        File::open(path)
    }

    /// `None` where that fails, for whatever reason.
    #[cfg(target_os = "linux")]
    fn open_in_folder(&mut self, path: &Path) -> Option<File> {
        let bytes = path.as_os_str().as_bytes();
        let (path, name) = bytes.split_at(memchr::memrchr(b'/', bytes)? + 1);
        if self.folder.is_none() || self.path != path {
            let flags = OFlags::PATH | OFlags::DIRECTORY | OFlags::CLOEXEC;
            self.folder = open(OsStr::from_bytes(path), flags, Mode::empty()).ok();
            self.path.clear();
            self.path.extend_from_slice(path);
        }
        let flags = OFlags::RDONLY | OFlags::CLOEXEC;
        openat(self.folder.as_ref()?, OsStr::from_bytes(name), flags, Mode::empty()).ok().map(File::from)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Read as _;

    #[test]
    fn files_are_opened_as_by_their_paths() {
        let folder = tempfile::tempdir().unwrap();
        let (first, second) = (folder.path().join("first"), folder.path().join("second"));
        for (folder, text) in [(&first, "1"), (&second, "2")] {
            std::fs::create_dir(folder).unwrap();
            std::fs::write(folder.join("a"), text).unwrap();
        }
        let mut opener = Opener::default();
        let mut read = |path: &Path| {
            let mut text = String::new();
            opener.open(path).map(|mut file| file.read_to_string(&mut text).map(|_| text)).map_err(|error| error.kind())
        };
        assert_eq!(read(&first.join("a")).unwrap().unwrap(), "1");
        assert_eq!(read(&first.join("b")).unwrap_err(), io::ErrorKind::NotFound);
        assert_eq!(read(&second.join("a")).unwrap().unwrap(), "2");
        // Another folder of the same name.
        std::fs::remove_dir_all(&second).unwrap();
        std::fs::create_dir(&second).unwrap();
        std::fs::write(second.join("a"), "3").unwrap();
        assert_eq!(read(&second.join("a")).unwrap().unwrap(), "3");
        assert_eq!(read(Path::new("no such file")).unwrap_err(), io::ErrorKind::NotFound);
    }
}
