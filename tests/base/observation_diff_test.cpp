#include "base/observation_diff.hpp"

#include <fmt/format.h>

#include <catch2/catch.hpp>
#include <random>
#include <set>
#include <tuple>

namespace audit {
namespace {

using State = Sight::State;

/// One run's view of one target at 10.0.0.1.
struct Seen {
  TargetRecord record;
  Check check;

  explicit Seen(const std::string& id = "a", TargetLife life = TargetLife::alive) {
    record.id = id;
    record.life = life;
    record.addresses = {*parse_address("10.0.0.1")};
    check.results.emplace_back();
  }
  Seen& port(std::uint16_t number, Reason state) {
    record.ports.push_back({{record.addresses.front(), number, Transport::tcp}, state, ""});
    return *this;
  }
  Seen& saw(const std::string& probe, const std::string& endpoint, Value fields, Reason reason = Reason::observed) {
    auto observation = std::make_shared<Observation>();
    observation->probe = probe;
    observation->endpoint = endpoint;
    observation->reason = reason;
    observation->fields = std::move(fields);
    check.results.front().evidence.push_back({"", observation, {}});
    return *this;
  }
  Seen& swept(const std::string& ports, int open, int closed, int filtered) {
    return saw("sweep", ports, Value::Object{{"open", open}, {"closed", closed}, {"filtered", filtered}});
  }
  Seen& banner(const std::string& bytes) {
    return saw("banner", "tcp/10.0.0.1:23", Value::Object{{"bytes", bytes}, {"ended", "idle"}});
  }
  Seen& certificate(const std::string& fingerprint, const std::string& name = "") {
    Value::Object own{{"fingerprint_sha256", fingerprint}, {"subject", "CN=" + fingerprint}};
    return saw("tls", "tcp/10.0.0.1:443",
               Value::Object{{"chain", Value::Array{std::move(own)}}, {"server_name", name}});
  }
  Seen& host_keys(const std::vector<std::pair<std::string, std::string>>& keys) {
    Value::Array list;
    for (const auto& [type, fingerprint] : keys) {
      Value::Object key{{"type", type}, {"proven", !fingerprint.empty()}};
      if (!fingerprint.empty()) key["fingerprint"] = fingerprint;
      list.emplace_back(std::move(key));
    }
    return saw("ssh", "tcp/10.0.0.1:22", Value::Object{{"host_keys", std::move(list)}});
  }
  [[nodiscard]] TargetSight sight() const { return sight_of(record, {&check, 1}); }
};

ObservationDiff diff_of(const std::vector<Seen>& before, const std::vector<Seen>& after) {
  ObservationDiffer differ;
  for (const Seen& seen : before) differ.before(seen.sight());
  for (const Seen& seen : after) differ.after(seen.sight());
  return differ.finish({}, {});
}

std::vector<std::string> words_of(const ObservationDiff& diff) {
  std::vector<std::string> words;
  for (const ObservedDifference& difference : diff.differences)
    words.push_back(fmt::format("{} {}", name_of(difference.change), name_of(difference.key.kind)));
  return words;
}

using Words = std::vector<std::string>;

}  // namespace

TEST_CASE("a port is gone where it was seen closed, and only there") {
  const Seen open = Seen().port(22, Reason::open);
  CHECK(words_of(diff_of({open}, {Seen().port(22, Reason::closed)})) == Words{"gone port"});
  CHECK(words_of(diff_of({open}, {Seen().swept("tcp/1-1024", 0, 1024, 0)})) == Words{"gone port"});
  CHECK(words_of(diff_of({Seen().port(22, Reason::closed)}, {open})) == Words{"new port"});
  CHECK(words_of(diff_of({open}, {Seen()})) == Words{"unknown_now port"});
  CHECK(words_of(diff_of({Seen()}, {open})) == Words{"unknown_before port"});
  CHECK(words_of(diff_of({open}, {})) == Words{"unknown_now port"});
  CHECK(words_of(diff_of({open}, {Seen().swept("tcp/80", 0, 1, 0)})) == Words{"unknown_now port"});
  for (const Reason reason : {Reason::local_fault, Reason::stopped, Reason::unreachable, Reason::out_of_scope})
    CHECK(words_of(diff_of({open}, {Seen().port(22, reason)})) == Words{"unknown_now port"});
}

TEST_CASE("a filtered port is an answer of a host that lives, and of no other") {
  const Seen open = Seen().port(22, Reason::open);
  const Seen filtered = Seen().port(22, Reason::filtered);
  const Seen silent = Seen("a", TargetLife::silent).port(22, Reason::filtered);
  const ObservationDiff diff = diff_of({open}, {filtered});
  REQUIRE(words_of(diff) == Words{"changed port"});
  CHECK(diff.differences.front().now.front().id == "filtered");
  CHECK(words_of(diff_of({open}, {silent})) == Words{"unknown_now port"});
  Seen two = filtered;  // nobody knows which of the two lives
  two.record.addresses.push_back(*parse_address("10.0.0.2"));
  CHECK(words_of(diff_of({open}, {two})) == Words{"unknown_now port"});
  CHECK(words_of(diff_of({filtered}, {Seen().port(22, Reason::closed)})).empty());
}

TEST_CASE("a sweep proves ports shut only where its counts leave none in doubt") {
  const Seen open = Seen().port(22, Reason::open);
  CHECK(words_of(diff_of({open}, {Seen().swept("tcp/1-100", 0, 99, 0)})) ==
        Words{"unknown_now port"});  // one is not counted
  CHECK(words_of(diff_of({open}, {Seen().swept("tcp/1-100", 1, 99, 0)})) ==
        Words{"unknown_now port"});  // which one is open?
  CHECK(words_of(diff_of({open}, {Seen().port(80, Reason::open).swept("tcp/1-100", 1, 99, 0)})) ==
        Words{"gone port", "unknown_before port"});
  CHECK(words_of(diff_of({open}, {Seen().swept("tcp/1-100", 0, 90, 10)})) == Words{"changed port"});
  CHECK(words_of(diff_of({open}, {Seen("a", TargetLife::silent).swept("tcp/1-100", 0, 0, 100)})) ==
        Words{"unknown_now port"});
  Seen blind = Seen().swept("tcp/1-100", 0, 100, 0);
  Seen more = Seen();
  more.saw("sweep", "tcp/1-100", Value::Object{{"open", 0}, {"closed", 100}, {"filtered", 0}, {"not_seen", 1}});
  CHECK(words_of(diff_of({open}, {blind})) == Words{"gone port"});
  CHECK(words_of(diff_of({open}, {more})) == Words{"unknown_now port"});
}

TEST_CASE("another certificate is a change, none where the port is closed is one that is gone") {
  const Seen one = Seen().certificate("11");
  const ObservationDiff diff = diff_of({one}, {Seen().certificate("22")});
  REQUIRE(words_of(diff) == Words{"changed certificate"});
  CHECK(diff.differences.front().was.front().subject == "CN=11");
  CHECK(diff.differences.front().now.front().subject == "CN=22");
  CHECK(diff.exit_code() == 1);
  CHECK(words_of(diff_of({one}, {Seen().port(443, Reason::closed)})) == Words{"gone port", "gone certificate"});
  const Seen failed = Seen().port(443, Reason::open).saw("tls", "tcp/10.0.0.1:443", Value(), Reason::tls_error);
  CHECK(words_of(diff_of({one}, {failed})) == Words{"unknown_now certificate"});
  CHECK(diff_of({one}, {failed}).differences.front().why == meaning_of(Reason::tls_error));
  CHECK(words_of(diff_of({one}, {Seen().certificate("11", "other.test")})) ==
        Words{"unknown_now certificate", "unknown_before certificate"});
}

TEST_CASE("a fingerprint that was kept alone is the certificate that it is of") {
  const Seen whole = Seen().certificate("11", "web.test");
  const Seen summary = Seen().saw("http", "tcp/10.0.0.1:443",
                                  Value::Object{{"tls", Value::Object{{"certificate", "11"}, {"name", "web.test"}}}});
  CHECK(diff_of({whole}, {summary}).exit_code() == 0);
  CHECK(diff_of({whole}, {summary}).same == 2);  // the port too
}

TEST_CASE("a host key is known by its type: another one, none any more, or not seen") {
  const Seen two = Seen().host_keys({{"ssh-ed25519", "A"}, {"ssh-rsa", "B"}});
  CHECK(words_of(diff_of({two}, {Seen().host_keys({{"ssh-ed25519", "A"}, {"ssh-rsa", "C"}})})) ==
        Words{"changed host_key"});
  CHECK(words_of(diff_of({two}, {Seen().host_keys({{"ssh-ed25519", "A"}})})) == Words{"gone host_key"});
  CHECK(words_of(diff_of({Seen().host_keys({{"ssh-ed25519", "A"}})}, {two})) == Words{"new host_key"});
  CHECK(words_of(diff_of({two}, {Seen().host_keys({{"ssh-ed25519", "A"}, {"ssh-rsa", ""}})})) ==
        Words{"unknown_now host_key"});
  Seen cut = Seen().host_keys({{"ssh-ed25519", "A"}});
  auto capped = std::make_shared<Observation>(*cut.check.results.front().evidence.front().observation);
  (*capped->fields.get_if<Value::Object>())["host_keys_items"] = 65;
  cut.check.results.front().evidence.front().observation = capped;
  CHECK(words_of(diff_of({two}, {cut})) == Words{"unknown_now host_key"});
}

TEST_CASE("another banner is a change; of several answers one that is missing may not have been asked for") {
  CHECK(words_of(diff_of({Seen().banner("one")}, {Seen().banner("two")})) == Words{"changed banner"});
  CHECK(words_of(diff_of({Seen().banner("one").banner("two")}, {Seen().banner("two")})) == Words{"unknown_now banner"});
  CHECK(words_of(diff_of({Seen().banner("one")}, {Seen().banner("two").banner("one")})) ==
        Words{"unknown_before banner"});
}

TEST_CASE("exit codes tell what changed from what is unknown now") {
  const Seen open = Seen().port(22, Reason::open);
  CHECK(diff_of({open}, {open}).exit_code() == 0);
  CHECK(diff_of({open}, {Seen().port(22, Reason::closed)}).exit_code() == 1);
  CHECK(diff_of({Seen()}, {open}).exit_code() == 1);
  CHECK(diff_of({open}, {Seen()}).exit_code() == 2);
  CHECK(diff_of({open}, {Seen().port(23, Reason::open)}).exit_code() == 3);
}

namespace {

class Chance {
 public:
  explicit Chance(std::uint32_t seed) : random_(seed) {}

  std::vector<Seen> run() {
    std::vector<Seen> targets;
    for (const char* id : {"a", "b", "c"})
      if (below(5) > 0) targets.push_back(target(id));
    return targets;
  }

 private:
  std::uint32_t below(std::uint32_t bound) { return static_cast<std::uint32_t>(random_() % bound); }
  std::string fingerprint() { return below(4) == 0 ? "" : std::to_string(below(3)); }

  Seen target(const char* id) {
    Seen seen(id, below(4) == 0 ? TargetLife::silent : TargetLife::alive);
    if (below(4) == 0) seen.record.addresses.push_back(*parse_address("10.0.0.2"));
    for (const std::uint16_t port : std::initializer_list<std::uint16_t>{22, 23, 443})
      if (below(2) == 0) seen.port(port, static_cast<Reason>(below(reason_count)));
    const int ports = static_cast<int>(3 * seen.record.addresses.size());
    if (below(3) == 0) {
      const int closed = static_cast<int>(below(static_cast<std::uint32_t>(ports) + 1));
      seen.swept("tcp/22-23,443", 0, closed, below(4) == 0 ? 0 : ports - closed);
    }
    if (below(2) == 0) seen.banner(fingerprint());
    if (below(4) == 0) seen.banner(fingerprint());
    if (below(2) == 0) seen.certificate(fingerprint());
    if (below(4) == 0) seen.saw("tls", "tcp/10.0.0.1:443", Value(), Reason::timeout);
    if (below(2) == 0) seen.host_keys({{"ssh-ed25519", fingerprint()}});
    if (below(4) == 0) seen.host_keys({{"ssh-rsa", fingerprint()}, {"ssh-ed25519", fingerprint()}});
    return seen;
  }

  std::mt19937 random_;
};

ObservedChange mirrored(ObservedChange change) {
  switch (change) {
    case ObservedChange::appeared: return ObservedChange::gone;
    case ObservedChange::gone: return ObservedChange::appeared;
    case ObservedChange::unknown_now: return ObservedChange::unknown_before;
    case ObservedChange::unknown_before: return ObservedChange::unknown_now;
    case ObservedChange::changed: break;
  }
  return change;
}

using Row = std::tuple<ObservedChange, std::string, ObservedKey, std::vector<std::string>, std::vector<std::string>,
                       std::string>;

std::vector<std::string> ids_of(const std::vector<ObservedValue>& values) {
  std::vector<std::string> ids;
  for (const ObservedValue& value : values) ids.push_back(value.id);
  return ids;
}

std::set<Row> rows_of(const ObservationDiff& diff, bool mirror) {
  std::set<Row> rows;
  for (const ObservedDifference& one : diff.differences) {
    const auto was = ids_of(one.was);
    const auto now = ids_of(one.now);
    rows.emplace(mirror ? mirrored(one.change) : one.change, one.target, one.key, mirror ? now : was,
                 mirror ? was : now, one.why);
  }
  return rows;
}

const Seen* find(const std::vector<Seen>& run, const std::string& target) {
  for (const Seen& seen : run)
    if (seen.record.id == target) return &seen;
  return nullptr;
}

/// A type of host key that the server has, and that could not be had.
bool offers_unseen(const Observation& ssh, const std::string& type) {
  const Value* keys = ssh.fields.find("host_keys");
  if (keys == nullptr) return false;
  for (const Value& key : *keys->get_if<Value::Array>())
    if (*key.find("type")->get_if<std::string>() == type && key.find("fingerprint") == nullptr) return true;
  return false;
}

/// Was this endpoint, or what is said to be there or not, looked at at all? Told from the record itself.
bool was_looked_at(const std::vector<Seen>& run, const ObservedDifference& difference) {
  const Seen* seen = find(run, difference.target);
  if (seen == nullptr) return false;
  const auto endpoint = parse_endpoint(difference.key.endpoint);
  for (const PortRecord& port : seen->record.ports)
    if (port.endpoint == *endpoint && (port.state == Reason::open || port.state == Reason::closed ||
                                       (port.state == Reason::filtered && seen->record.life == TargetLife::alive)))
      return true;
  for (const Evidence& evidence : seen->check.results.front().evidence) {
    const Observation& observation = *evidence.observation;
    const bool only_offered =
        difference.key.kind == ObservedKind::host_key && offers_unseen(observation, difference.key.name);
    if (only_offered) continue;
    const bool seen_there =
        observation.endpoint == difference.key.endpoint && observation.saw_something() && !observation.fields.empty();
    if (seen_there || observation.probe == "sweep") return true;
  }
  return false;
}

}  // namespace

TEST_CASE("of random runs nothing that one of them did not see is new, gone or changed") {
  Chance chance(23);
  std::map<ObservedChange, int> met;
  for (int round = 0; round < 4'000; ++round) {
    const std::vector<Seen> before = chance.run();
    const std::vector<Seen> after = chance.run();
    const ObservationDiff diff = diff_of(before, after);
    for (const ObservedDifference& difference : diff.differences) {
      ++met[difference.change];
      const bool known =
          difference.change != ObservedChange::unknown_now && difference.change != ObservedChange::unknown_before;
      if (!known) continue;
      CHECK(was_looked_at(before, difference));
      CHECK(was_looked_at(after, difference));
      if (difference.change != ObservedChange::gone) CHECK_FALSE(difference.now.empty());
      if (difference.change != ObservedChange::appeared) CHECK_FALSE(difference.was.empty());
    }
  }
  for (const ObservedChange change : all_observed_changes) CHECK(met[change] > 100);
}

TEST_CASE("a run differs in nothing from itself, and two runs differ the same way whichever is first") {
  Chance chance(29);
  for (int round = 0; round < 2'000; ++round) {
    const std::vector<Seen> before = chance.run();
    const std::vector<Seen> after = chance.run();
    const ObservationDiff itself = diff_of(before, before);
    CHECK(itself.differences.empty());
    CHECK(itself.exit_code() == 0);
    const ObservationDiff diff = diff_of(before, after);
    const ObservationDiff back = diff_of(after, before);
    CHECK(rows_of(diff, false) == rows_of(back, true));
    CHECK(rows_of(diff, false).size() == diff.differences.size());
    CHECK(diff.same == back.same);
  }
}

}  // namespace audit
