#include "probe/ask.hpp"

#include <fmt/format.h>

#include "probe/answer_cache.hpp"

namespace audit::probe {
namespace {

void write_canonical(std::string& into, const Value& value);

void write_size(std::string& into, char what, std::size_t size) {
  into += what;
  into += std::to_string(size);
  into += ':';
}

void write_text(std::string& into, char what, std::string_view text) {
  write_size(into, what, text.size());
  into += text;
}

void write_canonical(std::string& into, const Value::Object& object) {
  write_size(into, 'o', object.size());
  for (const auto& [key, item] : object) {
    write_text(into, 'k', key);
    write_canonical(into, item);
  }
}

/// One text for equal values, and for no others: every text says its length first.
void write_canonical(std::string& into, const Value& value) {
  if (const auto* flag = value.get_if<bool>()) {
    into += *flag ? 'T' : 'F';
  } else if (const auto* whole = value.get_if<std::int64_t>()) {
    into += fmt::format("i{};", *whole);
  } else if (const auto* real = value.get_if<double>()) {
    into += fmt::format("r{:a};", *real);
  } else if (const auto* text = value.get_if<std::string>()) {
    write_text(into, 's', *text);
  } else if (const auto* array = value.get_if<Value::Array>()) {
    write_size(into, 'a', array->size());
    for (const Value& item : *array) write_canonical(into, item);
  } else if (const auto* object = value.get_if<Value::Object>()) {
    write_canonical(into, *object);
  } else {
    into += 'n';
  }
}

std::string key_of(const Word& word, const Question& question) {
  std::string key(word.name);
  if (question.endpoints.empty()) write_text(key, ' ', question.subject);
  for (const Endpoint& endpoint : question.endpoints) key += ' ' + format_endpoint(endpoint);
  key += ' ';
  write_canonical(key, question.options);
  return key;
}

/// Settles a question whatever happens to who asks it.
class Leader {
 public:
  Leader(AnswerCache& cache, std::string key) : cache_(cache), key_(std::move(key)), entry_(cache_.begin(key_)) {}
  ~Leader() {
    if (entry_) cache_.forget(key_, entry_);
  }
  Leader(const Leader&) = delete;
  Leader& operator=(const Leader&) = delete;

  void keep(std::shared_ptr<const Answer> answer, std::vector<std::shared_ptr<Observation>> record) {
    cache_.keep(key_, entry_, std::move(answer), std::move(record));
    entry_.reset();
  }

 private:
  AnswerCache& cache_;
  std::string key_;
  std::shared_ptr<SharedAnswer> entry_;
};

/// Does it say something of the target, and not of this machine, this run or this check?
bool is_of_the_target(const Answer& answer, Context& context) {
  if (answer.outcome) return true;
  switch (answer.outcome.error().reason) {
    case Reason::local_fault:
    case Reason::stopped:
    case Reason::over_budget:
    case Reason::rule_error: return false;
    default: return context.world().now() < context.deadline();
  }
}

std::shared_ptr<const Answer> gave_up(Context& context, const Word& word, const Question& question, net::Wake wake) {
  const std::string where = question.endpoints.empty() ? question.subject : format_endpoint(question.endpoints.front());
  const Error error =
      wake == net::Wake::stopped
          ? Error(Reason::stopped, where + ": the run was stopped")
          : Error(Reason::timeout,
                  fmt::format("{}: the check's deadline passed while another check's {} went on", where, word.name));
  return std::make_shared<const Answer>(context.fail(context.begin(std::string(word.name), where), error));
}

}  // namespace

awaitable<std::shared_ptr<const Answer>> ask(const Word& word, Context& context, Question question) {
  bool fresh = false;
  if (const auto option = question.options.find("fresh"); option != question.options.end()) {
    const bool* flag = option->second.get_if<bool>();
    if (flag == nullptr) {
      const Error mistake(Reason::rule_error, fmt::format("{}: option `fresh` must be true or false", word.name));
      co_return std::make_shared<const Answer>(
          context.fail(context.begin(std::string(word.name), question.subject), mistake));
    }
    fresh = *flag;
    question.options.erase(option);
  }
  question.fresh = fresh;
  Target& target = context.target();
  AnswerCache& cache = target.answers();
  const std::string key = key_of(word, question);
  while (!fresh) {
    const std::shared_ptr<SharedAnswer> known = cache.find(key);
    if (!known) break;
    if (!known->settled.happened()) {
      if (!context.holding().streams.empty()) break;  // the other check may wait for what this one holds
      context.release();                              // the other check may wait for its place
      const net::Wake wake = co_await known->settled.wait(context.deadline());
      if (wake != net::Wake::signalled) co_return gave_up(context, word, question, wake);
    }
    if (!known->answer) continue;
    ++target.services().counters.asked;
    ++target.services().counters.shared;
    context.adopt(known->record);
    co_return known->answer;
  }
  Leader leader(cache, key);
  context.next_question();
  Answer heard = co_await word.ask(context, std::move(question));
  auto answer = std::make_shared<const Answer>(std::move(heard));
  if (is_of_the_target(*answer, context)) leader.keep(answer, context.question_record());
  co_return answer;
}

}  // namespace audit::probe
