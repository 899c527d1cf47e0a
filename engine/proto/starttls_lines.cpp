#include <fmt/format.h>

#include <optional>

#include "base/text.hpp"
#include "proto/ascii.hpp"
#include "proto/starttls_dialogues.hpp"

namespace audit::proto {
namespace {

/// The next whole line, without its end; nothing until it is there.
std::optional<std::string_view> whole_line(std::string_view& bytes) {
  if (bytes.find('\n') == std::string_view::npos) return std::nullopt;
  return take_line(bytes);
}

/// SMTP and FTP: "250-first", "250 last" (RFC 5321 4.2.1, RFC 959 4.2).
class Replies {
 public:
  enum class Step { need_more, line, reply, foreign };

  Step next(std::string_view& bytes) {
    const std::optional<std::string_view> line = whole_line(bytes);
    if (!line) return Step::need_more;
    text = *line;
    const bool coded = text.size() >= 3 && is_digit(text[0]) && is_digit(text[1]) && is_digit(text[2]);
    const char mark = text.size() > 3 ? text[3] : ' ';
    if (coded && (mark == ' ' || mark == '-') && (open_.empty() || text.substr(0, 3) == open_)) {
      open_ = mark == '-' ? std::string(text.substr(0, 3)) : std::string();
      return mark == '-' ? Step::line : Step::reply;
    }
    return open_.empty() ? Step::foreign : Step::line;  // RFC 959 lets the lines between begin as they like
  }

  std::string_view text;  // valid as long as the bytes

 private:
  std::string open_;
};

class Smtp : public StarttlsDialogue {
 public:
  explicit Smtp(StarttlsNames names) : ours_(std::move(names.ours)) {}

  StarttlsStep advance(std::string_view& bytes) override {
    while (true) {
      const Replies::Step step = replies_.next(bytes);
      if (step == Replies::Step::need_more) return StarttlsStep::more();
      if (step == Replies::Step::foreign) return foreign("an SMTP reply", replies_.text);
      const std::string_view keyword =
          replies_.text.size() > 4 ? replies_.text.substr(4, replies_.text.find(' ', 4) - 4) : std::string_view();
      offered_ = offered_ || (stage_ == Stage::ehlo && same_text(keyword, "STARTTLS"));
      if (step == Replies::Step::reply) return replied();
    }
  }

 private:
  enum class Stage { greeting, ehlo, starttls };

  StarttlsStep replied() {
    const std::string_view text = replies_.text;
    switch (stage_) {
      case Stage::greeting:
        if (!text.starts_with("220")) return refused_with("the server greets with a refusal", text);
        stage_ = Stage::ehlo;
        return StarttlsStep::saying(fmt::format("EHLO {}\r\n", ours_));
      case Stage::ehlo:
        if (!text.starts_with("250")) return refused_with("the server refuses EHLO", text);
        if (!offered_) return StarttlsStep::failing(Reason::tls_error, "the server does not offer STARTTLS");
        stage_ = Stage::starttls;
        return StarttlsStep::saying("STARTTLS\r\n");
      default:
        if (!text.starts_with("220")) return refused_with("the server refuses STARTTLS", text);
        return StarttlsStep::done();
    }
  }

  std::string ours_;
  Replies replies_;
  Stage stage_ = Stage::greeting;
  bool offered_ = false;
};

class Ftp : public StarttlsDialogue {
 public:
  StarttlsStep advance(std::string_view& bytes) override {
    while (true) {
      const Replies::Step step = replies_.next(bytes);
      if (step == Replies::Step::need_more) return StarttlsStep::more();
      if (step == Replies::Step::foreign) return foreign("an FTP reply", replies_.text);
      if (step == Replies::Step::line) continue;
      const std::string_view text = replies_.text;
      if (asked_ && !text.starts_with("234")) return refused_with("the server refuses AUTH TLS", text);
      if (asked_) return StarttlsStep::done();
      if (text.starts_with("120")) continue;  // ready in some minutes (RFC 959 5.4)
      if (!text.starts_with("220")) return refused_with("the server greets with a refusal", text);
      asked_ = true;
      return StarttlsStep::saying("AUTH TLS\r\n");  // RFC 4217 4
    }
  }

 private:
  Replies replies_;
  bool asked_ = false;
};

class Pop3 : public StarttlsDialogue {
 public:
  StarttlsStep advance(std::string_view& bytes) override {
    const std::optional<std::string_view> line = whole_line(bytes);
    if (!line) return StarttlsStep::more();
    const bool good = line->starts_with("+OK");
    if (!good && !line->starts_with("-ERR")) return foreign("a POP3 reply", *line);
    if (!good) return refused_with(asked_ ? "the server refuses STLS" : "the server greets with a refusal", *line);
    if (asked_) return StarttlsStep::done();
    asked_ = true;
    return StarttlsStep::saying("STLS\r\n");  // RFC 2595 4
  }

 private:
  bool asked_ = false;
};

class Imap : public StarttlsDialogue {
 public:
  StarttlsStep advance(std::string_view& bytes) override {
    while (const std::optional<std::string_view> line = whole_line(bytes)) {
      std::string_view rest = *line;
      const std::string_view tag = take_word(rest);
      const std::string_view word = take_word(rest);
      if (tag != "*" && (!asked_ || tag != own_tag)) return foreign("an IMAP reply", *line);
      if (same_text(word, "BYE")) return refused_with("the server says goodbye", *line);
      if (!asked_) {
        if (same_text(word, "PREAUTH")) return refused_with("the server wants no login, and so no STARTTLS", *line);
        if (!same_text(word, "OK")) return foreign("an IMAP greeting", *line);
        asked_ = true;
        return StarttlsStep::saying("a1 STARTTLS\r\n");  // RFC 9051 6.2.1
      }
      if (tag == "*") continue;
      if (!same_text(word, "OK")) return refused_with("the server refuses STARTTLS", *line);
      return StarttlsStep::done();
    }
    return StarttlsStep::more();
  }

 private:
  static constexpr std::string_view own_tag = "a1";
  bool asked_ = false;
};

}  // namespace

std::unique_ptr<StarttlsDialogue> smtp_dialogue(StarttlsNames names) {
  return std::make_unique<Smtp>(std::move(names));
}
std::unique_ptr<StarttlsDialogue> ftp_dialogue(StarttlsNames) { return std::make_unique<Ftp>(); }
std::unique_ptr<StarttlsDialogue> pop3_dialogue(StarttlsNames) { return std::make_unique<Pop3>(); }
std::unique_ptr<StarttlsDialogue> imap_dialogue(StarttlsNames) { return std::make_unique<Imap>(); }

}  // namespace audit::proto
