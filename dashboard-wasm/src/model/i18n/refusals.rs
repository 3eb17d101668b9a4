//! Why the API refuses what the settings ask of it. Its own titles are in English alone.

use protocol::problem::Code;

use super::Message;

crate::messages! {
    INVALID_PARAMETER = "A parameter is missing or malformed", "빠졌거나 형식이 잘못된 값이 있습니다";
    FORBIDDEN = "Your role does not allow this", "현재 역할로는 할 수 없습니다";
    CROSS_SITE = "This request does not come from a page of this dashboard", "이 대시보드에서 보낸 요청이 아닙니다";
    WRONG_PASSWORD = "The password is not right", "비밀번호가 올바르지 않습니다";
    INVALID_SETUP_TOKEN = "The set-up token is not valid", "설정 토큰이 올바르지 않습니다";
    UNKNOWN_SITE = "There is no site with this id", "이 ID의 사이트가 없습니다";
    UNKNOWN_PERSON = "There is no such person", "해당 사용자가 없습니다";
    UNKNOWN_LINK = "This link is not valid, or no longer", "링크가 올바르지 않거나 만료되었습니다";
    NOT_FOUND = "There is nothing at this address", "이 주소에는 아무것도 없습니다";
    ALREADY_EXISTS = "There is one of this name already", "같은 이름이 이미 있습니다";
    CONFLICT = "Somebody changed this meanwhile; load it again", "그사이 다른 사람이 변경했습니다. 다시 불러오세요";
    LAST_OWNER = "The last owner cannot be removed", "마지막 소유자는 제거할 수 없습니다";
    ALREADY_SET_UP = "There is an owner already", "소유자가 이미 있습니다";
    FIXED_SITE = "This site is set by the server's configuration and cannot be changed here", "이 사이트는 서버 설정에서 정해져 여기서 바꿀 수 없습니다";
    LIMIT_REACHED = "There are as many of these as there may be", "더 만들 수 없습니다. 한도에 도달했습니다";
    TOTP_NOT_STARTED = "No second factor waits to be confirmed", "확인을 기다리는 2단계 인증이 없습니다";
    NOT_CONFIGURED = "The server is not configured completely; its log says what is missing", "서버 설정이 완전하지 않습니다. 로그에서 빠진 항목을 확인하세요";
}

/// What is said of a code, if it is one that the settings meet.
pub fn of(code: Code) -> Option<Message> {
    Some(match code {
        Code::InvalidParameter => INVALID_PARAMETER,
        Code::Forbidden => FORBIDDEN,
        Code::CrossSite => CROSS_SITE,
        Code::WrongPassword => WRONG_PASSWORD,
        Code::InvalidSetupToken => INVALID_SETUP_TOKEN,
        Code::UnknownSite => UNKNOWN_SITE,
        Code::UnknownPerson => UNKNOWN_PERSON,
        Code::UnknownLink => UNKNOWN_LINK,
        Code::NotFound => NOT_FOUND,
        Code::AlreadyExists => ALREADY_EXISTS,
        Code::Conflict => CONFLICT,
        Code::LastOwner => LAST_OWNER,
        Code::AlreadySetUp => ALREADY_SET_UP,
        Code::FixedSite => FIXED_SITE,
        Code::LimitReached => LIMIT_REACHED,
        Code::TotpNotStarted => TOTP_NOT_STARTED,
        Code::NotConfigured => NOT_CONFIGURED,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::super::Lang;
    use super::*;

    #[test]
    fn english_is_what_the_api_says() {
        for code in Code::ALL {
            assert!(of(*code).is_none_or(|message| message.of(Lang::English) == code.title()), "{code:?}");
        }
    }
}
