//! One file per command. A command that fails returns a sentence, which is printed to standard error; the
//! exit status is then 1.

pub(crate) mod chain;
pub(crate) mod interpret;
pub(crate) mod keys;
mod market;
pub(crate) mod migrate;
pub(crate) mod offers;
mod output;
pub(crate) mod route;
pub(crate) mod sdl;
pub(crate) mod serve;

/// Runs `necto fail-points`.
#[cfg(feature = "fail-points")]
pub(crate) fn fail_points() -> Result<std::process::ExitCode, crate::error::CommandError> {
    for point in backend::fail_points::all() {
        println!("{point}");
    }
    Ok(std::process::ExitCode::SUCCESS)
}
