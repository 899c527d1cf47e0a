#include "store/check_bytes.hpp"

#include <unordered_map>

#include "store/record_fields.hpp"

namespace audit::store {
namespace {

template <class Archive>
void put_result(Archive& archive, Of<Archive, Finding>& finding) {
  put(archive, finding.endpoint);
  put(archive, finding.key);
  put_status(archive, finding.status);
  put_reason(archive, finding.reason);
  put_severity(archive, finding.severity);
  put(archive, finding.message);
  put(archive, finding.waiver);
}

template <class Archive>
void put_checks(Archive& archive, Of<Archive, std::string>& target, Of<Archive, std::vector<Check>>& checks) {
  put(archive, target);
  put_each(archive, checks, [&](auto& to, auto& check) {
    put(to, check.rule_ordinal);
    put(to, check.observations_dropped);
    put_each(to, check.results, [](auto& into, auto& result) { put_result(into, result); });
    if constexpr (!Archive::writing) check.target = target;
  });
}

/// The observations of a target, each once, in the order in which they are met.
class Observations {
 public:
  /// Its number, from 1; 0 is none.
  std::uint64_t number_of(const ObservationPtr& observation) {
    if (!observation) return 0;
    const auto [known, fresh] = numbers_.emplace(observation.get(), met_.size() + 1);
    if (fresh) met_.push_back(observation.get());
    return known->second;
  }
  [[nodiscard]] const std::vector<const Observation*>& met() const noexcept { return met_; }

 private:
  std::vector<const Observation*> met_;
  std::unordered_map<const Observation*, std::uint64_t> numbers_;
};

/// One behind its length, so that who does not want it can go past it.
template <class Put>
void put_apart(Writer& out, std::string& room, Put put_it) {
  room.clear();
  {
    Writer apart(room);
    put_it(apart);
  }
  out.bytes(room);
}

bool is_wanted(const Finding& finding, Detail detail) {
  if (detail != Detail::problems) return detail == Detail::all;
  return finding.status == Status::fail || finding.status == Status::error || finding.status == Status::not_reviewed;
}

/// Reads the evidence of those results that it is wanted of; observations when the first asks for them.
class EvidenceReader {
 public:
  explicit EvidenceReader(std::string_view bytes) : in_(bytes) {
    texts_.resize(in_.count());
    for (std::string_view& text : texts_) text = in_.bytes();
    observations_.resize(texts_.size());
  }
  void skip() { (void)in_.bytes(); }
  void read(std::vector<Evidence>& list) {
    Reader reader(in_.bytes());
    put_each(reader, list, [this](Reader& from, Evidence& evidence) {
      put(from, evidence.label);
      evidence.observation = find(from.number());
      put(from, evidence.note);
    });
    if (!reader.good() || !reader.at_end()) in_.fail();
  }
  [[nodiscard]] bool good() const noexcept { return in_.good(); }

 private:
  ObservationPtr find(std::uint64_t number) {
    if (number == 0) return nullptr;
    if (number > observations_.size()) {
      in_.fail();
      return nullptr;
    }
    ObservationPtr& known = observations_[number - 1];
    if (known) return known;
    const auto read = std::make_shared<Observation>();
    Reader reader(texts_[number - 1]);
    put(reader, *read);
    if (!reader.good() || !reader.at_end()) in_.fail();
    known = read;
    return known;
  }

  Reader in_;
  std::vector<std::string_view> texts_;
  std::vector<ObservationPtr> observations_;
};

}  // namespace

void write_checks(const std::vector<Check>& checks, std::string& results, std::string& evidence) {
  {
    Writer out(results);
    put_checks(out, checks.front().target, checks);
  }
  Observations observations;
  std::string lists;
  std::string room;
  {
    Writer out(lists);
    for (const Check& check : checks)
      for (const Finding& finding : check.results)
        put_apart(out, room, [&](Writer& to) {
          put_each(to, finding.evidence, [&](Writer& into, const Evidence& piece) {
            put(into, piece.label);
            into.number(observations.number_of(piece.observation));
            put(into, piece.note);
          });
        });
  }
  Writer out(evidence);
  out.number(observations.met().size());
  for (const Observation* observation : observations.met())
    put_apart(out, room, [&](Writer& to) { put(to, *observation); });
  out.raw(lists);
}

bool read_checks(std::string_view results, const std::function<std::string_view()>& evidence, Detail detail,
                 std::vector<Check>& checks) {
  Reader reader(results);
  std::string target;
  put_checks(reader, target, checks);
  if (!reader.good() || !reader.at_end()) return false;
  bool any = false;
  for (Check& check : checks)
    for (Finding& finding : check.results) {
      if (is_wanted(finding, detail))
        any = true;
      else
        finding.evidence.clear();
    }
  if (!any) return true;
  EvidenceReader pieces(evidence());
  for (Check& check : checks)
    for (Finding& finding : check.results) {
      if (is_wanted(finding, detail))
        pieces.read(finding.evidence);
      else
        pieces.skip();
    }
  return pieces.good();
}

}  // namespace audit::store
