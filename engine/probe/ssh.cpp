#include "probe/ssh.hpp"

#include <fmt/format.h>

#include "base/text.hpp"
#include "probe/options.hpp"
#include "probe/ssh_host_key.hpp"

namespace audit::probe {
namespace {

using proto::SshKexInit;
using proto::SshNameList;

constexpr Duration default_timeout = std::chrono::seconds(10);
constexpr std::size_t most_host_keys = 64;
constexpr std::size_t name_shown = 64;
constexpr std::string_view word = "ssh";

Value::Array names_of(const SshNameList& list) {
  Value::Array names;
  for (const std::string& name : list.names) names.emplace_back(name);
  return names;
}

Value::Object both_ways(const SshNameList& to_server, const SshNameList& to_client) {
  Value::Object lists;
  lists["client_to_server"] = names_of(to_server);
  lists["server_to_client"] = names_of(to_client);
  return lists;
}

/// What was wrong with the names, where something was.
void note_irregular(const SshKexInit& offer, Value::Object& fields) {
  SshNameList sum;
  for (const SshNameList* list :
       {&offer.kex, &offer.host_keys, &offer.ciphers_to_server, &offer.ciphers_to_client, &offer.macs_to_server,
        &offer.macs_to_client, &offer.compression_to_server, &offer.compression_to_client, &offer.languages_to_server,
        &offer.languages_to_client}) {
    sum.empty += list->empty;
    sum.foreign += list->foreign;
    sum.overlong += list->overlong;
    sum.left_out += list->left_out;
  }
  if (sum.empty + sum.foreign + sum.overlong + sum.left_out == 0) return;
  Value::Object irregular;
  irregular["empty"] = static_cast<std::int64_t>(sum.empty);
  irregular["not_ascii"] = static_cast<std::int64_t>(sum.foreign);
  irregular["too_long"] = static_cast<std::int64_t>(sum.overlong);
  irregular["left_out"] = static_cast<std::int64_t>(sum.left_out);
  fields["irregular_names"] = std::move(irregular);
}

void describe(const SshKexInit& offer, Value::Object& fields) {
  fields["kex"] = names_of(offer.kex);
  fields["host_key_algorithms"] = names_of(offer.host_keys);
  fields["ciphers"] = both_ways(offer.ciphers_to_server, offer.ciphers_to_client);
  fields["macs"] = both_ways(offer.macs_to_server, offer.macs_to_client);
  fields["compression"] = both_ways(offer.compression_to_server, offer.compression_to_client);
  if (!offer.languages_to_server.names.empty() || !offer.languages_to_client.names.empty())
    fields["languages"] = both_ways(offer.languages_to_server, offer.languages_to_client);
  fields["first_kex_packet_follows"] = offer.first_kex_packet_follows;
  fields["strict_kex"] = offer.kex.holds("kex-strict-s-v00@openssh.com");
  note_irregular(offer, fields);
}

void describe(const proto::SshIdentReader& reader, Value::Object& fields) {
  const proto::SshIdent& ident = reader.ident();
  fields["banner"] = ident.line;
  fields["protocol"] = ident.protocol;
  fields["software"] = ident.software;
  fields["comment"] = ident.comments;
  fields["ssh1"] = ident.ssh1;
  Value::Array lines;
  for (const std::string& line : reader.lines_before()) lines.emplace_back(line);
  fields["lines_before"] = std::move(lines);
}

/// Faults of this machine and the end of the run are never a fact about one host key, nor is the check's own deadline.
bool ends_all(Context& context, const Error& error) {
  return error.reason == Reason::local_fault || error.reason == Reason::stopped ||
         error.reason == Reason::out_of_scope || context.world().now() >= context.deadline();
}

/// What one probe of one server goes through: each of its connections is a SshTalk.
class SshLook {
 public:
  SshLook(Context& context, const Endpoint& endpoint, const SshOptions& options)
      : context_(context), endpoint_(endpoint), options_(options) {}

  awaitable<Answer> look() {
    Result<std::unique_ptr<SshTalk>> opened = co_await open();
    if (!opened) co_return Answer{nullptr, {}, opened.error()};
    const std::unique_ptr<SshTalk> talk = std::move(*opened);
    Result<void> done = co_await talk->greet();
    if (done) describe(talk->theirs(), fields_);
    if (done && talk->theirs().ident().ssh2) done = co_await look_at_algorithms(*talk);
    if (done && !talk->theirs().ident().ssh2 && !talk->theirs().ident().ssh1) {
      const Error neither(Reason::protocol_error, fmt::format("the server speaks SSH {}, which is neither 1.x nor 2.0",
                                                              visible(talk->theirs().ident().protocol, name_shown)));
      done = talk->placed(neither);
    }
    talk->close();
    co_return answer(talk->observation(), done);
  }

 private:
  awaitable<Result<std::unique_ptr<SshTalk>>> open() {
    const ConnectOptions connecting(std::min(options_.timeout, context_.target().limits().timeout));
    std::string name(word);
    ++connections_;
    Result<std::unique_ptr<Conversation>> opened = co_await connect(context_, endpoint_, connecting, std::move(name));
    if (!opened) co_return opened.error();
    auto talk = std::make_unique<SshTalk>(context_, std::move(*opened), options_.timeout);
    co_return talk;
  }

  awaitable<Result<void>> look_at_algorithms(SshTalk& talk) {
    // Some servers wait for the client's KEXINIT; after it no tailored one can be sent in this conversation.
    Result<std::string> theirs = co_await talk.message(options_.timeout / 3);
    const bool waits = !theirs && theirs.error().reason == Reason::timeout;
    if (waits) {
      std::vector<std::string> general(1, general_kexinit(context_));
      const Result<void> sent = co_await talk.send(std::move(general));
      if (!sent) co_return sent.error();
      theirs = co_await talk.message();
    }
    if (!theirs) co_return theirs.error();
    Result<SshKexInit> parsed = proto::parse_ssh_kexinit(*theirs);
    if (!parsed) co_return talk.placed(parsed.error());
    offer_ = std::move(*parsed);
    describe(offer_, fields_);
    if (!options_.host_keys) co_return Result<void>();
    std::string payload = waits ? std::string() : std::move(*theirs);
    Result<void> done = co_await look_at_host_keys(talk, std::move(payload));
    co_return done;
  }

  awaitable<Result<void>> look_at_host_keys(SshTalk& first, std::string theirs) {
    const bool speaks = !usable_kex(offer_).empty();
    std::vector<SshKeyWanted> wanted = wanted_host_keys(offer_);
    if (wanted.size() > most_host_keys) {
      fields_["host_keys_left_out"] = static_cast<std::int64_t>(wanted.size() - most_host_keys);
      wanted.resize(most_host_keys);
    }
    for (const SshKeyWanted& one : wanted) {
      Value::Object entry;
      if (!speaks || one.algorithm == nullptr) {
        entry = unsupported(one);
      } else {
        // The first connection serves the first key, and then makes room: a target may take one at a time.
        SshTalk* talk = theirs.empty() ? nullptr : &first;
        if (talk == nullptr) first.close();
        std::string heard = std::exchange(theirs, std::string());
        Result<Value::Object> seen = co_await one_host_key(talk, std::move(heard), one);
        if (!seen && ends_all(context_, seen.error())) co_return seen.error();
        entry = seen ? std::move(*seen) : missing(one, seen.error());
      }
      host_keys_.emplace_back(std::move(entry));
    }
    co_return Result<void>();
  }

  awaitable<Result<Value::Object>> one_host_key(SshTalk* talk, std::string theirs, const SshKeyWanted& wanted) {
    std::unique_ptr<SshTalk> own;
    if (talk == nullptr) {
      Result<std::unique_ptr<SshTalk>> opened = co_await open();
      if (!opened) co_return opened.error();
      own = std::move(*opened);
      talk = own.get();
      const Result<void> greeted = co_await talk->greet();
      if (!greeted) co_return note(*own, greeted.error());
    }
    Result<Value::Object> entry = co_await ask_host_key(*talk, offer_, std::move(theirs), wanted);
    if (own) co_return note(*own, std::move(entry));
    co_return entry;
  }

  /// The record of a connection that was made for one host key.
  static Result<Value::Object> note(SshTalk& talk, Result<Value::Object> entry) {
    talk.close();
    Observation& observation = *talk.observation();
    if (!entry) {
      note_failure(observation, entry.error());
      return entry;
    }
    observation.reason = Reason::observed;
    observation.message.clear();
    observation.fields = Value::Object{{"host_key", *entry}};
    return entry;
  }

  [[nodiscard]] static Value::Object not_had(const SshKeyWanted& wanted, const std::string& message) {
    Value::Object entry;
    entry["type"] =
        std::string(wanted.algorithm == nullptr ? std::string_view(wanted.offered) : wanted.algorithm->key_type);
    entry["algorithm"] = wanted.offered;
    entry["proven"] = false;
    entry["message"] = from_visible(message);
    return entry;
  }

  [[nodiscard]] static Value::Object unsupported(const SshKeyWanted& wanted) {
    Value::Object entry =
        not_had(wanted, wanted.algorithm == nullptr
                            ? fmt::format("audit does not speak {}", visible(wanted.offered, name_shown))
                            : std::string("the server offers no method of key exchange that audit speaks"));
    entry["unsupported"] = true;
    return entry;
  }

  [[nodiscard]] static Value::Object missing(const SshKeyWanted& wanted, const Error& error) {
    Value::Object entry = not_had(wanted, error.message);
    entry["error"] = std::string(name_of(error.reason));
    return entry;
  }

  Answer answer(const std::shared_ptr<Observation>& observation, const Result<void>& done) {
    if (!done) {
      note_failure(*observation, done.error());
      return Answer{observation, {}, done.error()};
    }
    observation->reason = Reason::observed;
    observation->message.clear();
    if (options_.host_keys && fields_.contains("kex")) fields_["host_keys"] = std::move(host_keys_);
    fields_["connections"] = static_cast<std::int64_t>(connections_);
    constexpr std::size_t most_evidence = 4'096;
    observation->fields = capped(fields_, most_evidence);
    Answer whole;
    whole.observation = observation;
    whole.fields = std::move(fields_);
    return whole;
  }

  Context& context_;
  Endpoint endpoint_;
  SshOptions options_;
  SshKexInit offer_;
  Value::Object fields_;
  Value::Array host_keys_;
  int connections_ = 0;
};

}  // namespace

Result<SshOptions> SshOptions::read(const Value::Object& table) {
  Options options(word, table);
  const Duration timeout = options.seconds("timeout", default_timeout);
  const SshOptions read(timeout, options.flag("host_keys", true));
  if (Result<void> done = options.done(); !done) return done.error();
  return read;
}

awaitable<Answer> ask_ssh(Context& context, Question question) {
  const Result<SshOptions> options = SshOptions::read(question.options);
  if (!options || question.endpoints.empty()) {
    std::shared_ptr<Observation> observation = context.begin(std::string(word), question.subject);
    co_return context.fail(
        observation,
        options ? Error(Reason::unresolved, context.target().id() + " has no address to ask") : options.error());
  }
  SshLook look(context, question.endpoints.front(), *options);
  Answer answer = co_await look.look();
  co_return answer;
}

}  // namespace audit::probe
