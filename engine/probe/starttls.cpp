#include "probe/starttls.hpp"

#include <fmt/format.h>

#include "probe/mail_domain.hpp"

namespace audit::probe {
namespace {

constexpr std::size_t read_size = 4'096;

/// How we name ourselves to a mail server: by whom to ask about us, where the inventory says it, else by the address it
/// sees us come from (RFC 5321 4.1.3).
std::string mail_name(const Identity& identity, const IpAddress& address) {
  if (const std::string_view domain = mail_domain(identity.contact); !domain.empty()) return std::string(domain);
  return fmt::format("[{}{}]", address.family == Family::v4 ? "" : "IPv6:", format_address(address));
}

}  // namespace

Result<const proto::StarttlsProtocol*> read_starttls(std::string_view word, std::string_view name, std::uint16_t port) {
  if (name.empty()) return proto::usual_starttls(port);
  if (name == "none") return nullptr;
  if (const proto::StarttlsProtocol* found = proto::find_starttls(name)) return found;
  std::string names;
  for (const proto::StarttlsProtocol& protocol : proto::starttls_protocols())
    names += fmt::format("{} ", protocol.name);
  return Error(Reason::rule_error, fmt::format("{}: option `starttls` must be one of {}none", word, names));
}

awaitable<Result<void>> lead_to_tls(Context& context, Conversation& talk, const proto::StarttlsProtocol& protocol,
                                    std::string theirs, Duration timeout) {
  using Kind = proto::StarttlsStep::Kind;
  const Instant ends = context.within(timeout);
  const Identity& identity = context.target().services().identity;
  proto::StarttlsNames names(mail_name(identity, talk.stream().local().address), std::move(theirs));
  proto::Starttls starttls(protocol, std::move(names));
  proto::StarttlsStep step = starttls.feed("");
  while (step.kind != Kind::ready) {
    if (step.kind == Kind::failed)
      co_return Error(step.error.reason,
                      fmt::format("{}: {}", format_endpoint(talk.stream().remote()), step.error.message));
    const Duration left = ends - context.world().now();
    if (step.kind == Kind::say) {
      const Result<void> written = co_await talk.write(step.say, left);
      if (!written) co_return written.error();
      step = starttls.feed("");
      continue;
    }
    const Result<std::string> bytes = co_await talk.read_some(read_size, left);
    if (!bytes && bytes.error().reason != Reason::eof) co_return bytes.error();
    step = bytes ? starttls.feed(*bytes) : starttls.end();
  }
  co_return Result<void>();
}

}  // namespace audit::probe
