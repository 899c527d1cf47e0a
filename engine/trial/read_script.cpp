#include "trial/read_script.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "base/text.hpp"
#include "trial/fields.hpp"
#include "trial/read_expected.hpp"
#include "trial/read_peer.hpp"
#include "trial/zone.hpp"

namespace audit::trial {
namespace {

/// One case while it is read.
class Reader {
 public:
  Reader(const lua::TestCase& declared, const std::string& path, const lua::Rule& rule,
         std::vector<std::string>& mistakes)
      : declared_(declared), path_(path), rule_(rule), mistakes_(mistakes) {}

  Case read() {
    made_.name = declared_.name;
    made_.line = declared_.line;
    made_.subject.addresses = {format_address(home_address())};
    read_targets();
    const IpAddress home =
        made_.subject.addresses.empty() ? home_address() : *parse_address(made_.subject.addresses.front());
    for (const lua::TestPart& part : declared_.parts) {
      const std::string place = place_of(part);
      if (part.kind == "peer") {
        if (auto peer = read_peer(place, part.value, home, mistakes_)) {
          peer->line = part.line;
          const bool twice = std::any_of(made_.peers.begin(), made_.peers.end(),
                                         [&](const Peer& other) { return other.at == peer->at; });
          if (twice)
            mistakes_.push_back(fmt::format("{}: peer: {} is declared twice", place, format_endpoint(peer->at)));
          made_.peers.push_back(std::move(*peer));
        }
      } else if (part.kind == "host") {
        read_host(place, part, home);
      } else if (part.kind == "dns") {
        read_zone(place, part.value, made_.zone, mistakes_);
      }
    }
    if (const lua::TestPart* transcript = only("transcript")) read_transcript(*transcript);
    if (made_.transcript && !made_.peers.empty())
      mistakes_.push_back(fmt::format("{}:{}: a transcript answers in place of peers: leave one of them out", path_,
                                      made_.transcript->line));
    const lua::TestPart* expected = only("expect");
    if (expected == nullptr) {
      mistakes_.push_back(fmt::format("{}:{}: the case \"{}\" expects nothing; add expect {{ status = \"pass\" }}",
                                      path_, made_.line, visible(made_.name)));
    } else {
      made_.expected = read_expected(place_of(*expected), expected->value, mistakes_);
      made_.expected.line = expected->line;
    }
    return std::move(made_);
  }

 private:
  std::string place_of(const lua::TestPart& part) const { return fmt::format("{}:{}", path_, part.line); }

  const lua::TestPart* only(std::string_view kind) {
    const lua::TestPart* found = nullptr;
    for (const lua::TestPart& part : declared_.parts) {
      if (part.kind != kind) continue;
      if (found != nullptr) mistakes_.push_back(fmt::format("{}: a case has one {}", place_of(part), kind));
      found = &part;
    }
    return found;
  }

  /// One, or as many as there are where the rule is about the whole run.
  void read_targets() {
    if (rule_.scope != lua::Scope::run) (void)only("target");
    bool first = true;
    for (const lua::TestPart& part : declared_.parts) {
      if (part.kind != "target") continue;
      read_target(part, first ? made_.subject : made_.others.emplace_back());
      first = false;
    }
  }

  void read_target(const lua::TestPart& part, Subject& subject) {
    const std::string place = place_of(part);
    Fields fields(place, "target", part.value, mistakes_);
    subject.name = fields.text("name").value_or("");
    if (fields.has("addresses")) subject.addresses = fields.texts("addresses");
    for (const std::string& text : subject.addresses)
      if (!parse_address(text))
        fields.complain("addresses", fmt::format("holds `{}`, which is no address", visible(text)));
    std::erase_if(subject.addresses, [](const std::string& text) { return !parse_address(text); });
    if (subject.name.empty() && subject.addresses.size() != 1)
      fields.complain("addresses", "is to be one address, or the target needs a `name` that has them");
    subject.tags = fields.texts("tags");
    subject.groups = fields.texts("groups");
    subject.owner = fields.text("owner").value_or("");
    subject.in_hosts_file = fields.flag("in_hosts_file").value_or(false);
    subject.assume_up = fields.flag("assume_up").value_or(false);
    if (const Value* params = fields.take("params")) {
      if (const auto* object = params->get_if<Value::Object>()) subject.params = *object;
      const Result<Value::Object> resolved = lua::resolve_params(rule_, subject.params);
      if (!resolved) fields.complain("params", "do not fit the rule: " + resolved.error().message);
    }
    if (const Value* secrets = fields.take("credentials")) {
      const auto* object = secrets->get_if<Value::Object>();
      for (std::size_t i = 0; object != nullptr && i < object->size(); ++i) {
        const auto& [name, secret] = *(object->begin() + static_cast<std::ptrdiff_t>(i));
        if (const auto* text = secret.get_if<std::string>()) subject.credentials[name] = *text;
      }
      if (object == nullptr || subject.credentials.size() != object->size())
        fields.complain("credentials", "is to be { name = \"secret\" }");
    }
    fields.finish();
  }

  void read_host(const std::string& place, const lua::TestPart& part, const IpAddress& home) {
    Fields fields(place, "host", part.value, mistakes_);
    Host host;
    host.address = home;
    if (const auto text = fields.text("at")) {
      const auto address = parse_address(*text);
      if (!address) fields.complain("at", "is to be an address");
      host.address = address.value_or(home);
    }
    using net::PortEvent;
    const PortEvent events[] = {PortEvent::closed, PortEvent::silent, PortEvent::unreachable};
    host.others = events[fields.choice("others", {"closed", "filtered", "unreachable"}, 0)];
    host.echoes = fields.flag("echoes").value_or(false);
    fields.finish();
    made_.hosts.push_back(host);
  }

  void read_transcript(const lua::TestPart& part) {
    const std::string place = place_of(part);
    Fields fields(place, "transcript", part.value, mistakes_);
    TranscriptUse use;
    use.line = part.line;
    use.file = fields.text("file").value_or("");
    if (fields.has("target")) use.targets = fields.texts("target");
    if (use.targets.size() > 1 && rule_.scope != lua::Scope::run)
      fields.complain("target", "is to be one: only a rule with scope = \"run\" is about several");
    if (use.file.empty() || use.targets.empty())
      fields.complain("", "is transcript { file = \"what --record wrote\", target = \"its id in that run\" }");
    fields.finish();
    made_.transcript = std::move(use);
  }

  const lua::TestCase& declared_;
  const std::string& path_;
  const lua::Rule& rule_;
  std::vector<std::string>& mistakes_;
  Case made_;
};

Acceptance read_acceptance(const std::string& place, const lua::TestPart& part, std::vector<std::string>& mistakes) {
  Fields fields(place, "accept", part.value, mistakes);
  Acceptance made;
  made.line = part.line;
  made.of = fields.text("case").value_or("*");
  made.kind = fields.text("kind").value_or("*");
  if (const auto text = fields.text("status")) {
    made.status = parse_status(*text);
    if (made.status != Status::pass && made.status != Status::fail)
      fields.complain("status", "is to be \"pass\" or \"fail\"; the others need no accepting");
  }
  made.why = fields.text("why").value_or("");
  if (made.why.empty()) fields.complain("why", "is missing: a reader wants to know why this verdict is right");
  fields.finish();
  return made;
}

}  // namespace

const IpAddress& home_address() {
  static const IpAddress address = *parse_address("10.0.0.1");
  return address;
}

Script read_script(const lua::TestFile& file, const std::string& path, const lua::Rule& rule,
                   std::vector<std::string>& mistakes) {
  Script script;
  for (const lua::TestCase& declared : file.cases())
    script.cases.push_back(Reader(declared, path, rule, mistakes).read());
  for (const lua::TestPart& part : file.accepts())
    script.acceptances.push_back(read_acceptance(fmt::format("{}:{}", path, part.line), part, mistakes));
  return script;
}

}  // namespace audit::trial
