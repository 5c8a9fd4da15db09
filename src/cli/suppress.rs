//! `credlint suppress FILE:LINE`: writes an entry for what is found there.

use std::io::{self, Write as _};
use std::path::PathBuf;
use std::sync::Arc;

use clap::Args as ClapArgs;
use jiff::ToSpan as _;
use jiff::civil::Date;

use super::load::{FileArgs, Loaded, config_errors, load, new_salt, today};
use super::{Failure, explain, tree};
use crate::config::edit::{NewEntry, with_salt, with_suppression};
use crate::config::{self};
use crate::judge::Finding;
use crate::judge::identity::Key;
use crate::policy::Exit;
use crate::scan::Scanner;
use crate::source::walk::shown;
use crate::source::{FilePath, Origin};

/// Options of `suppress`.
#[derive(ClapArgs)]
pub(crate) struct SuppressArgs {
    /// <FILE:LINE>, with an optional :COLUMN
    #[arg(value_name = "FILE:LINE")]
    place: String,
    /// Why it is accepted
    #[arg(long)]
    reason: String,
    /// Last day it holds: YYYY-MM-DD, or a number of days as 90d
    #[arg(long, value_name = "DAY")]
    until: String,
    /// Who answers for it
    #[arg(long)]
    owner: Option<String>,
    /// Where the work on it is followed
    #[arg(long)]
    ticket: Option<String>,
    /// Make the hash with the organisation's key instead of the file's salt
    #[arg(long)]
    keyed: bool,
    #[command(flatten)]
    files: FileArgs,
}

pub(crate) fn run(args: &SuppressArgs) -> Result<Exit, Failure> {
    let until = day(&args.until)?;
    if args.reason.trim().is_empty() {
        return Err(Failure::new("the reason is empty").help("say why for whoever reads it in a year"));
    }
    let place = explain::place(&args.place)?;
    let mut loaded = load(&args.files, std::slice::from_ref(&place.path))?;
    let finding = found(&mut loaded, &place)?;
    let name = shown(&loaded.base, &loaded.config_path);
    let old = match std::fs::read_to_string(&loaded.config_path) {
        Ok(text) => text,
        Err(error) if error.kind() == io::ErrorKind::NotFound => String::new(),
        Err(error) => return Err(Failure::new(format!("{name} cannot be read: {error}"))),
    };
    let (key, text) = key(args, &loaded, old)?;
    let seen = loaded.tree().path(&finding.origin);
    let owner = args.owner.as_deref().or_else(|| loaded.config.as_ref().and_then(|config| config.owner(&seen)));
    let entry = NewEntry {
        rule: &finding.rule.id,
        value: key.value(&finding.secret).to_string(),
        seen: &seen,
        reason: args.reason.trim(),
        owner,
        ticket: args.ticket.as_deref(),
        until: until.to_string(),
    };
    let count = |config: &config::Config| config.suppressions.len();
    let before = loaded.config.as_deref().map_or(0, count);
    let text = with_suppression(&text, &entry).map_err(|why| Failure::new(format!("{name}: {why}")))?;
    let checked = config::read(text.as_bytes(), &name).and_then(|parsed| parsed.check(&loaded.set));
    let checked = checked.map_err(|errors| config_errors(&errors))?;
    if count(&checked) != before + 1 {
        return Err(Failure::new(format!("{name} has a form that cannot be added to")).help("add the entry by hand"));
    }
    tree::write(&loaded.config_path, &text)?;
    let out = format!(
        "{}: {} in {} is suppressed until {until}\n",
        super::clean(&name),
        finding.rule.id,
        super::clean(&seen)
    );
    io::stdout().write_all(out.as_bytes())?;
    Ok(Exit::Clean)
}

fn day(text: &str) -> Result<Date, Failure> {
    let today = today();
    let days = text.strip_suffix('d').and_then(|days| days.parse::<i32>().ok());
    let day = match days {
        Some(days) if days >= 0 => today.checked_add(days.days()).ok(),
        Some(_) => None,
        None => text.parse::<Date>().ok(),
    };
    let day = day.ok_or_else(|| {
        Failure::new(format!("`{text}` is no day")).help("write YYYY-MM-DD, or a number of days as 90d")
    })?;
    if day < today {
        return Err(Failure::new(format!("{day} is over")).help("name a day to come"));
    }
    Ok(day)
}

/// The one finding at a place.
fn found(loaded: &mut Loaded, place: &explain::PlaceIn) -> Result<Finding, Failure> {
    let bytes = std::fs::read(&place.path)
        .map_err(|error| Failure::new(format!("{} cannot be read: {error}", place.path.display())))?;
    let set = std::mem::replace(&mut loaded.set, crate::rule::RuleSet::new(Vec::new(), String::new()));
    let scanner = Scanner::new(set);
    let name = shown(&loaded.base, &place.path);
    let origin = Origin::File(Arc::new(FilePath { path: PathBuf::from(&place.path), shown: name.clone() }));
    let outcome = scanner.scan_bytes(&origin, &bytes);
    loaded.set = scanner.set;
    let there = |finding: &Finding| {
        (finding.start.line..=finding.end.line).contains(&place.line)
            && place.column.is_none_or(|column| finding.start.column == column)
    };
    let mut all: Vec<Finding> = outcome.findings.into_iter().filter(there).collect();
    match all.len() {
        0 => Err(Failure::new(format!("nothing is found at {}", super::clean(&name)))
            .help("`credlint explain FILE:LINE` says what was looked at")),
        1 => Ok(all.remove(0)),
        _ => {
            let places: Vec<String> =
                all.iter().map(|finding| format!("{} at column {}", finding.rule.id, finding.start.column)).collect();
            Err(Failure::new(format!("there is more than one finding: {}", places.join(", ")))
                .help("name one with FILE:LINE:COLUMN"))
        }
    }
}

/// The key for the new hash, and the file's text with its salt in it.
fn key(args: &SuppressArgs, loaded: &Loaded, text: String) -> Result<(Key, String), Failure> {
    if args.keyed {
        let key = loaded.own_key().ok_or_else(|| {
            Failure::new("--keyed needs the organisation's key").help("set CREDLINT_KEY or --key-file")
        })?;
        return Ok((key, text));
    }
    if let Some(salt) = loaded.config.as_ref().and_then(|config| config.salt.clone()) {
        return Ok((salt, text));
    }
    let salt = new_salt()?;
    let text = with_salt(&text, &salt.salt());
    Ok((salt, text))
}
