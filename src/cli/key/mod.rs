//! `zoneseal key`: what is done with keys that are there, one file a subcommand.

mod describe;
mod export;
mod import;
mod list;
mod set;
mod show;

use super::{Failure, World};
use crate::error::Fault;
use clap::{Args, Subcommand, ValueEnum};

/// Arguments of `key`.
#[derive(Debug, Args)]
pub(super) struct KeyArgs {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Print what keys are: role, algorithm, times, DS, DNSKEY; never a secret
    Show(show::ShowArgs),
    /// Print a table of all keys
    List(list::ListArgs),
    /// Change times of keys
    Set(set::SetArgs),
    /// Make PEM files of key pairs of BIND or ldns
    Import(import::ImportArgs),
    /// Make key pairs of BIND of PEM files
    Export(export::ExportArgs),
}

/// How keys are printed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Format {
    /// For people.
    Text,
    /// One array, an object a key.
    Json,
}

/// Does what the subcommand says.
pub(super) fn run(args: &KeyArgs, world: &World) -> Result<(), Failure> {
    match &args.command {
        Command::Show(args) => show::run(args, world),
        Command::List(args) => list::run(args, world),
        Command::Set(args) => set::run(args, world),
        Command::Import(args) => import::run(args, world),
        Command::Export(args) => export::run(args, world),
    }
}

fn warn(world: &World, warnings: &[Fault]) {
    for warning in warnings {
        world.report.fault(warning);
    }
}
