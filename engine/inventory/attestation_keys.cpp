#include "inventory/attestation_keys.hpp"

#include <fmt/format.h>

#include <charconv>
#include <map>

#include "inventory/row.hpp"

namespace audit::inventory {
namespace {

constexpr int longest_valid = 3'660;  // days

/// "365d" or "52w", in whole days: a person's word is not good for hours.
std::optional<int> parse_days(std::string_view text) {
  int count = 0;
  const char* end = text.data() + text.size();
  const auto [rest, failure] = std::from_chars(text.data(), end, count);
  if (failure != std::errc{} || rest + 1 != end || (*rest != 'd' && *rest != 'w')) return std::nullopt;
  if (count < 1 || count > longest_valid) return std::nullopt;
  const int days = *rest == 'w' ? 7 * count : count;
  return days <= longest_valid ? std::optional(days) : std::nullopt;
}

class AttestationReader {
 public:
  explicit AttestationReader(Mistakes& mistakes) : mistakes_(mistakes) {}

  Attestation read(const Node& node) {
    Row row(mistakes_, node, "this attestation");
    check_keys(mistakes_, row.table(), "[[attestations]]",
               {"control", "status", "by", "date", "valid_for", "evidence"});
    Attestation attestation;
    if (const KeyValue* control = row.need("control", "\"NIST-800-53/AC-17\"")) read_control(*control, attestation);
    if (const KeyValue* status = row.need("status", "\"pass\"")) read_status(*status, attestation);
    attestation.by = row.text("by", "\"j.doe\"");
    attestation.evidence = row.text("evidence", "\"Access list reviewed on 2026-11-02, minutes in DOC-77\"");
    const auto date = row.day("date", "2026-11-02");
    const KeyValue* valid_for = row.need("valid_for", "\"365d\"");
    const auto days = valid_for == nullptr ? std::nullopt : read_days(*valid_for);
    if (date) attestation.date = *date;
    if (date && days) attestation.valid_until = *date + std::chrono::days(*days);
    return attestation;
  }

 private:
  void read_control(const KeyValue& member, Attestation& attestation) {
    const auto text = read_text(mistakes_, member, "\"NIST-800-53/AC-17\"");
    if (!text) return;
    const std::size_t slash = text->find('/');
    if (slash == std::string::npos || slash == 0 || slash + 1 == text->size()) {
      mistakes_.add(member.node.at, fmt::format("control has to be FRAMEWORK/CONTROL, such as \"NIST-800-53/AC-17\"; "
                                                "this is {}",
                                                quoted(*text)));
      return;
    }
    attestation.control = *text;
    attestation.control_place = mistakes_.place(member.node.at);
    const auto [first, fresh] = known_.emplace(*text, member.node.at);
    if (!fresh)
      mistakes_.add(member.node.at, fmt::format("{} is attested already, at {}; keep the one that holds", quoted(*text),
                                                mistakes_.where(first->second)));
  }

  void read_status(const KeyValue& member, Attestation& attestation) {
    const auto* text = member.node.get_if<std::string>();
    if (text != nullptr)
      for (const Status status : {Status::pass, Status::fail, Status::not_applicable})
        if (*text == name_of(status)) {
          attestation.status = status;
          return;
        }
    mistakes_.add(member.node.at,
                  fmt::format("status has to be \"pass\", \"fail\" or \"not_applicable\"; this is {}{}",
                              text == nullptr ? std::string(kind_of(member.node)) : quoted(*text),
                              text == nullptr ? "" : did_you_mean(*text, {"pass", "fail", "not_applicable"})));
  }

  std::optional<int> read_days(const KeyValue& member) {
    const auto* text = member.node.get_if<std::string>();
    const auto days = text == nullptr ? std::nullopt : parse_days(*text);
    if (!days)
      mistakes_.add(member.node.at,
                    fmt::format("valid_for goes from \"1d\" to \"{}d\", in whole days or weeks (\"52w\"); this is {}",
                                longest_valid, text == nullptr ? std::string(kind_of(member.node)) : quoted(*text)));
    return days;
  }

  Mistakes& mistakes_;
  std::map<std::string, Position> known_;
};

}  // namespace

std::vector<Attestation> read_attestations(Mistakes& mistakes, const KeyValue& section) {
  std::vector<Attestation> attestations;
  AttestationReader reader(mistakes);
  for (const Node* node : read_rows(mistakes, section)) attestations.push_back(reader.read(*node));
  return attestations;
}

}  // namespace audit::inventory
