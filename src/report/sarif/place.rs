//! Where something is: URIs by RFC 3986 and regions in UTF-16 columns.

use std::borrow::Cow;

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_encode};
use serde_sarif::sarif::{ArtifactLocation, Location, LogicalLocation, Message, PhysicalLocation, Region};

use crate::judge::{Finding, Part, Position};
use crate::report::escape::escaped;
use crate::source::{FilePath, Origin};

/// The symbol that stands for the root of the work tree.
pub(super) const ROOT: &str = "%SRCROOT%";

/// All but what RFC 3986 lets stand in a path. The colon goes too: in a first segment it would end a scheme.
const ENCODED: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~')
    .remove(b'/')
    .remove(b'!')
    .remove(b'$')
    .remove(b'&')
    .remove(b'\'')
    .remove(b'(')
    .remove(b')')
    .remove(b'*')
    .remove(b'+')
    .remove(b',')
    .remove(b';')
    .remove(b'=')
    .remove(b'@');

/// The finding's place.
pub(super) fn location(finding: &Finding, prefix: &str) -> Location {
    between(finding, (finding.start, finding.end), prefix)
}

/// The place of a part of the finding's credential.
pub(super) fn part(finding: &Finding, part: &Part, prefix: &str) -> Location {
    between(finding, (part.start, part.end), prefix)
}

fn between(finding: &Finding, (start, end): (Position, Position), prefix: &str) -> Location {
    let region = Region::builder()
        .start_line(number(start.line))
        .start_column(number(start.utf16))
        .end_line(number(end.line))
        .end_column(number(end.utf16))
        .build();
    let artifact = artifact(&finding.origin, prefix);
    let mut location = Location::builder()
        .physical_location(PhysicalLocation::builder().artifact_location(artifact).region(region).build())
        .build();
    location.logical_locations = inside(&finding.origin).map(|inside| vec![inside]);
    location
}

/// Where in an archive, for what is in one.
fn inside(origin: &Origin) -> Option<LogicalLocation> {
    origin.member()?;
    let shown = escaped(origin.shown());
    let name = escaped(origin.judged_as());
    Some(LogicalLocation::builder().name(name).fully_qualified_name(shown).kind("resource").build())
}

/// A line of the finding's file.
pub(super) fn line(finding: &Finding, line: u64, prefix: &str) -> Location {
    let region = Region::builder().start_line(number(line)).build();
    let artifact = artifact(&finding.origin, prefix);
    Location::builder()
        .physical_location(PhysicalLocation::builder().artifact_location(artifact).region(region).build())
        .build()
}

/// A line of a file of the policy.
pub(super) fn line_of_file(path: &str, line: u64, prefix: &str) -> Location {
    let region = Region::builder().start_line(number(line.max(1))).build();
    let artifact = of_path(path.as_bytes(), prefix);
    Location::builder()
        .physical_location(PhysicalLocation::builder().artifact_location(artifact).region(region).build())
        .build()
}

/// A whole file, by the path shown for it.
pub(super) fn file(shown: &str, prefix: &str) -> Location {
    let artifact = of_path(shown.as_bytes(), prefix);
    Location::builder().physical_location(PhysicalLocation::builder().artifact_location(artifact).build()).build()
}

/// A place with a message of its own.
pub(super) fn said(mut location: Location, text: &str) -> Location {
    location.message = Some(Message::from(text));
    location
}

fn artifact(origin: &Origin, prefix: &str) -> ArtifactLocation {
    match origin {
        Origin::File(file) => of_path(&bytes(file), prefix),
        Origin::Git(object) => of_path(object.shown.as_bytes(), ""),
        Origin::Stdin(name) | Origin::Synthetic(name) => of_path(name.as_bytes(), ""),
        // The archive is what exists in the repository.
        Origin::Member(_) | Origin::Image(_) => artifact(origin.outermost(), prefix),
    }
}

/// Absolute paths stand for themselves, others are relative to the root of the work tree.
fn of_path(path: &[u8], prefix: &str) -> ArtifactLocation {
    let encoded = percent_encode(path, ENCODED);
    if path.starts_with(b"/") {
        return ArtifactLocation::builder().uri(format!("file://{encoded}")).build();
    }
    if cfg!(windows) && path.get(1) == Some(&b':') {
        return ArtifactLocation::builder().uri(format!("file:///{encoded}").replacen("%3A", ":", 1)).build();
    }
    let prefix = percent_encode(prefix.as_bytes(), ENCODED);
    ArtifactLocation::builder().uri(format!("{prefix}{encoded}")).uri_base_id(ROOT).build()
}

/// The bytes of a path as shown. A name that is no UTF-8 is shown lossily; its bytes are the end of the system's path.
fn bytes(file: &FilePath) -> Cow<'_, [u8]> {
    let shown = file.shown.as_bytes();
    if !file.shown.contains('\u{fffd}') {
        return Cow::Borrowed(shown);
    }
    let path = file.path.as_os_str().as_encoded_bytes();
    let parts = shown.split(|c| *c == b'/').count();
    let start = path.iter().enumerate().rev().filter(|(_, c)| **c == b'/').nth(parts - 1).map_or(0, |(at, _)| at + 1);
    let end = &path[start..];
    if String::from_utf8_lossy(end) == file.shown { Cow::Borrowed(end) } else { Cow::Borrowed(shown) }
}

/// A number as SARIF holds it.
pub(super) fn number(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}
