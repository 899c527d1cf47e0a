#include "net/redaction.hpp"

#include <algorithm>
#include <functional>

namespace audit::net {
namespace {

constexpr std::size_t shortest_hidden = 4;  // what is shorter stands in every text

/// The strings of one direction, in order: a secret may begin in one and end in the next.
std::vector<std::reference_wrapper<std::string>> said(Exchange& exchange, bool received) {
  std::vector<std::reference_wrapper<std::string>> parts;
  for (Step& step : exchange.steps) {
    const bool sends =
        step.kind == Step::Kind::write || step.kind == Step::Kind::send || step.kind == Step::Kind::answer;
    const bool receives = step.kind == Step::Kind::read || step.kind == Step::Kind::receive;
    if (received && receives) parts.emplace_back(step.got);
    if (!received && sends) parts.emplace_back(step.asked);
  }
  return parts;
}

std::string joined(const std::vector<std::reference_wrapper<std::string>>& parts) {
  std::string whole;
  for (const std::string& part : parts) whole += part;
  return whole;
}

void put_back(const std::vector<std::reference_wrapper<std::string>>& parts, const std::string& whole) {
  std::size_t at = 0;
  for (std::string& part : parts) {
    part.assign(whole, at, part.size());
    at += part.size();
  }
}

}  // namespace

Redaction::Redaction(std::vector<std::string> forms, std::vector<std::string> escaped)
    : forms_(std::move(forms)), noted_(forms_.size()) {
  for (std::string& form : escaped)
    if (std::find(forms_.begin(), forms_.end(), form) == forms_.end()) forms_.push_back(std::move(form));
  for (std::uint32_t i = 0; i < forms_.size(); ++i)
    if (forms_[i].size() >= shortest_hidden) longest_first_.push_back(i);
  std::stable_sort(longest_first_.begin(), longest_first_.end(),
                   [this](std::uint32_t a, std::uint32_t b) { return forms_[a].size() > forms_[b].size(); });
}

/// Was there anything to hide?
bool Redaction::mask(std::string& said, bool received, std::vector<Mask>& masks) const {
  bool hidden = false;
  const auto note = [&](std::size_t at, std::uint32_t form, std::size_t length) {
    hidden = true;
    std::fill_n(said.begin() + static_cast<std::ptrdiff_t>(at), length, '*');
    if (form >= noted_) return;
    Mask mask;
    mask.received = received;
    mask.offset = at;
    mask.form = form;
    mask.length = static_cast<std::uint32_t>(length);
    masks.push_back(mask);
  };
  for (const std::uint32_t form : longest_first_) {
    const std::string& secret = forms_[form];
    if (secret.find_first_not_of('*') == std::string::npos) continue;
    for (std::size_t at = said.find(secret); at != std::string::npos; at = said.find(secret, at + secret.size()))
      note(at, form, secret.size());
  }
  for (const std::uint32_t form : longest_first_) {  // one that the end cuts off
    const std::string& secret = forms_[form];
    for (std::size_t size = std::min(secret.size() - 1, said.size()); size >= shortest_hidden; --size) {
      if (!said.ends_with(std::string_view(secret).substr(0, size))) continue;
      if (secret.find_first_not_of('*') < size) note(said.size() - size, form, size);
      break;
    }
  }
  return hidden;
}

void Redaction::hide(std::string& text) const {
  std::vector<Mask> forgotten;
  mask(text, false, forgotten);
}

void Redaction::redact_exchange(Exchange& exchange) const {
  for (const bool received : {false, true}) {
    const auto parts = said(exchange, received);
    if (parts.empty()) continue;
    std::string whole = joined(parts);
    if (mask(whole, received, exchange.masks)) put_back(parts, whole);
  }
  if (exchange.masks.size() > most_items) {  // beyond what a reader takes: a replay finds nothing said here
    exchange.steps.clear();
    exchange.masks.clear();
  }
  hide(exchange.name);
  if (exchange.error) hide(exchange.error->message);
  for (Step& step : exchange.steps)
    if (step.error) hide(step.error->message);
}

void Redaction::redact(TranscriptRecord& record) const {
  if (longest_first_.empty()) return;
  if (auto* exchange = std::get_if<Exchange>(&record)) redact_exchange(*exchange);
  if (auto* end = std::get_if<RunEnd>(&record)) hide(end->command);
}

Result<void> restore_secrets(Exchange& exchange, const std::vector<std::string>& forms) {
  for (const bool received : {false, true}) {
    const bool any = std::any_of(exchange.masks.begin(), exchange.masks.end(),
                                 [&](const Mask& mask) { return mask.received == received; });
    if (!any) continue;
    const auto parts = said(exchange, received);
    std::string whole = joined(parts);
    for (const Mask& mask : exchange.masks) {
      if (mask.received != received) continue;
      const bool fits = mask.form < forms.size() && mask.length <= forms[mask.form].size() &&
                        mask.offset <= whole.size() && mask.length <= whole.size() - mask.offset;
      if (!fits) return Error(Reason::protocol_error, "a secret of the transcript has no place in it: record anew");
      whole.replace(mask.offset, mask.length, forms[mask.form], 0, mask.length);
    }
    put_back(parts, whole);
  }
  return {};
}

}  // namespace audit::net
