//! Why a request was not answered as hoped, in words for the person who waits.

use protocol::problem::{Code, Problem};

use super::i18n::{Lang, shell as say};

/// A request without the answer asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Failure {
    /// No connection.
    Unreachable,
    /// No answer in time.
    TimedOut,
    /// Refused with a problem document.
    Refused(Problem),
    /// Refused without one, as proxies do.
    Status(u16),
    /// An answer this version of the dashboard cannot read.
    Unreadable,
    /// The engine in the browser does not run, or no longer.
    NoEngine,
    /// A question that cannot be answered, and why.
    NotAnswered(String),
}

impl Failure {
    /// Whether the person has to sign in (again).
    pub fn is_signed_out(&self) -> bool {
        match self {
            Self::Refused(problem) => problem.code == Code::SignInRequired || problem.status == 401,
            Self::Status(status) => *status == 401,
            _ => false,
        }
    }

    /// Whether the password was right and the code of the second factor is asked for.
    pub fn asks_for_code(&self) -> bool {
        matches!(self, Self::Refused(problem) if problem.code == Code::TotpRequired)
    }

    /// Whether the code is what was wrong.
    pub fn is_about_code(&self) -> bool {
        matches!(self, Self::Refused(problem) if problem.code == Code::WrongCode)
    }

    /// Whether a share link wants another password than the one given, if any.
    pub fn is_about_share_password(&self) -> bool {
        let codes = [Code::SharePasswordRequired, Code::WrongPassword];
        matches!(self, Self::Refused(problem) if codes.contains(&problem.code))
    }

    /// One sentence that says what is wrong, without a full stop.
    pub fn message(&self, lang: Lang) -> String {
        let message = match self {
            Self::Unreachable => say::UNREACHABLE,
            Self::TimedOut => say::TIMED_OUT,
            Self::Unreadable | Self::NoEngine => say::UNREADABLE,
            Self::NotAnswered(text) => return text.clone(),
            Self::Status(status) => return say::STATUS.fill(lang, &[&status.to_string()]),
            Self::Refused(problem) => match problem.code {
                // The document's own title speaks to trackers.
                Code::StoreUnavailable => say::STORE_UNAVAILABLE,
                Code::WrongCredentials => say::WRONG_CREDENTIALS,
                Code::WrongCode => say::WRONG_CODE,
                Code::TooManyAttempts | Code::TooManyRequests => say::TOO_MANY,
                _ => return problem.title.clone(),
            },
        };
        message.of(lang).into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn status_401_asks_to_sign_in_with_and_without_a_document() {
        assert!(Failure::Status(401).is_signed_out());
        assert!(Failure::Refused(Problem::new(Code::SignInRequired, None)).is_signed_out());
        assert!(!Failure::Refused(Problem::new(Code::StoreUnavailable, None)).is_signed_out());
        assert!(!Failure::Unreachable.is_signed_out());
    }

    #[test]
    fn code_is_asked_for_only_when_the_password_was_right() {
        let refused = |code| Failure::Refused(Problem::new(code, None));
        assert!(refused(Code::TotpRequired).asks_for_code());
        assert!(!refused(Code::WrongCredentials).asks_for_code() && !Failure::Status(401).asks_for_code());
        assert!(refused(Code::WrongCode).is_about_code() && !refused(Code::TotpRequired).is_about_code());
    }

    #[test]
    fn message_of_a_problem_is_its_title() {
        let failure = Failure::Refused(Problem::new(Code::UnknownSite, Some("detail".into())));
        assert_eq!(failure.message(Lang::English), Code::UnknownSite.title());
    }
}
