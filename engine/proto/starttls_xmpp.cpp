#include <fmt/format.h>

#include <optional>

#include "proto/ascii.hpp"
#include "proto/starttls_dialogues.hpp"

namespace audit::proto {
namespace {

constexpr std::string_view tls_namespace = "urn:ietf:params:xml:ns:xmpp-tls";

/// The next whole tag, from < to the > that no quotes hold; text before it is passed over. Nothing until it is there.
std::optional<std::string_view> take_tag(std::string_view& bytes) {
  const std::size_t start = bytes.find('<');
  if (start == std::string_view::npos) return std::nullopt;
  char quote = '\0';
  for (std::size_t at = start + 1; at < bytes.size(); ++at) {
    const char c = bytes[at];
    if (quote != '\0') {
      if (c == quote) quote = '\0';
    } else if (c == '"' || c == '\'') {
      quote = c;
    } else if (c == '>') {
      const std::string_view tag = bytes.substr(start, at + 1 - start);
      bytes.remove_prefix(at + 1);
      return tag;
    }
  }
  return std::nullopt;
}

struct Tag {
  bool closing;           // </x>
  bool empty;             // <x/>
  std::string_view name;  // without its prefix
};

Tag taken_apart(std::string_view text) {
  Tag tag{text.starts_with("</"), text.ends_with("/>"), {}};
  text.remove_prefix(tag.closing ? 2 : 1);
  text = text.substr(0, text.find_first_of(" \t\r\n/>"));
  const std::size_t colon = text.find(':');
  tag.name = colon == std::string_view::npos ? text : text.substr(colon + 1);
  return tag;
}

/// RFC 6120 5.4: streams open both ways, the server's features say <starttls/>, <proceed/> gives the go-ahead.
class Xmpp : public StarttlsDialogue {
 public:
  Xmpp(std::string_view content, StarttlsNames names)
      : hello_(fmt::format("<?xml version='1.0'?><stream:stream to='{}' xmlns='{}' "
                           "xmlns:stream='http://etherx.jabber.org/streams' version='1.0'>",
                           names.theirs, content)) {}

  StarttlsStep advance(std::string_view& bytes) override {
    if (stage_ == Stage::silent) {
      stage_ = Stage::stream;
      return StarttlsStep::saying(hello_);
    }
    while (true) {
      const std::size_t first = bytes.find_first_not_of(" \t\r\n");
      if (first != std::string_view::npos && stage_ == Stage::stream && bytes[first] != '<')
        return foreign("an XMPP stream", bytes);
      const std::optional<std::string_view> text = take_tag(bytes);
      if (!text) return StarttlsStep::more();
      if (text->starts_with("<?")) continue;
      StarttlsStep step = stage_ == Stage::asked ? answered(*text) : offered(*text);
      if (step.kind != StarttlsStep::Kind::need_more) return step;
    }
  }

 private:
  enum class Stage { silent, stream, features, error, asked };

  StarttlsStep offered(std::string_view text) {
    const Tag tag = taken_apart(text);
    if (stage_ == Stage::error) return refused_with("the server refuses the stream", tag.name);
    if (stage_ == Stage::stream && tag.name == "stream" && !tag.closing) {
      stage_ = Stage::features;
      return StarttlsStep::more();
    }
    if (stage_ == Stage::stream) return foreign("an XMPP stream", text);
    if (tag.closing && tag.name == "stream") return refused_with("the server closes the stream", text);
    if (tag.name == "error" && !tag.closing) stage_ = Stage::error;  // the next tag says which
    if (tag.name == "starttls" && text.find(tls_namespace) != std::string_view::npos) offers_ = true;
    if (tag.name != "features" || (!tag.closing && !tag.empty)) return StarttlsStep::more();
    if (!offers_) return StarttlsStep::failing(Reason::tls_error, "the server does not offer STARTTLS");
    stage_ = Stage::asked;
    return StarttlsStep::saying(fmt::format("<starttls xmlns='{}'/>", tls_namespace));
  }

  StarttlsStep answered(std::string_view text) {
    const Tag tag = taken_apart(text);
    if (tag.name == "proceed" && !tag.closing) {
      if (tag.empty) return StarttlsStep::done();
      return StarttlsStep::more();  // until </proceed>
    }
    if (tag.name == "proceed") return StarttlsStep::done();
    return refused_with("the server refuses STARTTLS", text);
  }

  std::string hello_;
  Stage stage_ = Stage::silent;
  bool offers_ = false;
};

}  // namespace

std::unique_ptr<StarttlsDialogue> xmpp_dialogue(StarttlsNames names) {
  return std::make_unique<Xmpp>("jabber:client", std::move(names));
}
std::unique_ptr<StarttlsDialogue> xmpp_server_dialogue(StarttlsNames names) {
  return std::make_unique<Xmpp>("jabber:server", std::move(names));
}

}  // namespace audit::proto
