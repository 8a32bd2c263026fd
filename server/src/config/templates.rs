//! Source of the community's templates.

use std::time::Duration;

use backend::adapters::template_repository::TemplateRepositorySettings;

use super::values::url;

/// Timeout for one answer of the source.
const PATIENCE: Duration = Duration::from_secs(12);

/// Options for the community's templates.
#[derive(Debug, Clone, clap::Args)]
pub(crate) struct TemplateOptions {
    /// The repository of the community's templates, OWNER/NAME. Empty: none but the built-in ones.
    #[arg(
        long,
        env = "NECTO_TEMPLATES",
        default_value = "akash-network/awesome-akash"
    )]
    templates: String,
    /// Branch of that repository.
    #[arg(long, env = "NECTO_TEMPLATES_BRANCH", default_value = "master")]
    templates_branch: String,
    /// Base address of the API that lists its files.
    #[arg(
        long,
        env = "NECTO_TEMPLATES_API_URL",
        default_value = "https://api.github.com"
    )]
    templates_api_url: String,
    /// Base address of its raw files.
    #[arg(
        long,
        env = "NECTO_TEMPLATES_RAW_URL",
        default_value = "https://raw.githubusercontent.com"
    )]
    templates_raw_url: String,
}

impl TemplateOptions {
    /// Parses the options; `simulated` is the sandbox that simulates the outside world.
    pub(crate) fn check(
        self,
        simulated: Option<&str>,
    ) -> Result<Option<TemplateRepositorySettings>, String> {
        let repository = self.templates.trim();
        if repository.is_empty() {
            return Ok(None);
        }
        let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
        let is_name = |part: &str| !part.is_empty() && part != ".." && part.chars().all(plain);
        let named = repository
            .split_once('/')
            .is_some_and(|(owner, name)| is_name(owner) && is_name(name));
        if !named || !is_name(&self.templates_branch) {
            return Err(format!(
                "NECTO_TEMPLATES or NECTO_TEMPLATES_BRANCH is “{repository}”, “{}”: expected \
                 OWNER/NAME and a branch.",
                self.templates_branch
            ));
        }
        let (api, raw, home) = match simulated {
            Some(sandbox) => (
                format!("{sandbox}/code/templates-tree"),
                format!("{sandbox}/code/templates-raw"),
                format!("{sandbox}/code/templates-home"),
            ),
            None => (
                url("NECTO_TEMPLATES_API_URL", &self.templates_api_url)?,
                url("NECTO_TEMPLATES_RAW_URL", &self.templates_raw_url)?,
                "https://github.com".to_owned(),
            ),
        };
        Ok(Some(TemplateRepositorySettings {
            api: format!("{api}/repos/{repository}"),
            raw: format!("{raw}/{repository}"),
            home: format!("{home}/{repository}"),
            branch: self.templates_branch,
            patience: PATIENCE,
        }))
    }
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::TemplateOptions;

    #[derive(Debug, Parser)]
    struct Line {
        #[command(flatten)]
        options: TemplateOptions,
    }

    fn options(extra: &[&str]) -> TemplateOptions {
        Line::try_parse_from([&["x"], extra].concat())
            .unwrap()
            .options
    }

    #[test]
    fn the_repository_can_be_another_or_none_and_is_simulated_in_a_simulated_run() {
        let usual = options(&[]).check(None).unwrap().unwrap();
        assert_eq!(
            usual.api,
            "https://api.github.com/repos/akash-network/awesome-akash"
        );
        assert_eq!(options(&["--templates="]).check(None), Ok(None));
        let simulated = options(&[])
            .check(Some("http://127.0.0.1:1"))
            .unwrap()
            .unwrap();
        assert!(
            simulated
                .raw
                .starts_with("http://127.0.0.1:1/code/templates-raw/")
        );
        assert!(simulated.home.starts_with("http://127.0.0.1:1/"));
        for wrong in ["nobody", "a/b/c", "a/..", "a/b?x"] {
            let problem = options(&["--templates", wrong]).check(None).unwrap_err();
            assert!(problem.contains("expected OWNER/NAME"), "{problem}");
        }
    }
}
