#include "audit/select.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>

#include "base/text.hpp"

namespace audit::core {

struct Selection::Node {
  enum class Kind : std::uint8_t { word, conjunction, disjunction, negation };
  Kind kind = Kind::word;
  std::string word;
  std::vector<std::shared_ptr<const Node>> parts;

  [[nodiscard]] bool matches(const RuleRecord& rule, const Controls& controls) const;
  void words(std::vector<const Node*>& found) const;
};

namespace {

constexpr std::string_view severity_word = "severity";
constexpr std::string_view control_word = "control:";

bool has_tag(const RuleRecord& rule, std::string_view tag) {
  return std::any_of(rule.tags.begin(), rule.tags.end(), [&](const std::string& one) { return glob_match(tag, one); });
}

/// `severity>=high`, `severity=low`: what follows the word `severity`.
bool severity_matches(std::string_view condition, Severity severity) {
  const std::size_t name = condition.find_first_not_of("<>=");
  const auto wanted = parse_severity(condition.substr(std::min(name, condition.size())));
  if (!wanted) return false;
  const std::string_view compare = condition.substr(0, name);
  if (compare == ">=") return severity >= *wanted;
  if (compare == "<=") return severity <= *wanted;
  if (compare == ">") return severity > *wanted;
  if (compare == "<") return severity < *wanted;
  return severity == *wanted;
}

bool word_matches(std::string_view word, const RuleRecord& rule, const Controls& controls) {
  if (word.starts_with(control_word)) return controls.matches(word.substr(control_word.size()), rule.id);
  if (word.starts_with("tag:")) return has_tag(rule, word.substr(4));
  if (word.starts_with("id:")) return glob_match(word.substr(3), rule.id);
  if (word.starts_with(severity_word) && word.size() > severity_word.size() &&
      std::string_view("<>=").find(word[severity_word.size()]) != std::string_view::npos)
    return severity_matches(word.substr(severity_word.size()), rule.severity);
  const std::string_view family = std::string_view(rule.id).substr(0, rule.id.find('.'));
  return glob_match(word, rule.id) || word == family || has_tag(rule, word);
}

}  // namespace

bool Selection::Node::matches(const RuleRecord& rule, const Controls& controls) const {
  const auto match = [&](const auto& part) { return part->matches(rule, controls); };
  switch (kind) {
    case Kind::word: return word_matches(word, rule, controls);
    case Kind::conjunction: return std::all_of(parts.begin(), parts.end(), match);
    case Kind::disjunction: return std::any_of(parts.begin(), parts.end(), match);
    case Kind::negation: return !parts.front()->matches(rule, controls);
  }
  return false;
}

void Selection::Node::words(std::vector<const Node*>& found) const {
  if (kind == Kind::word) found.push_back(this);
  for (const auto& part : parts) part->words(found);
}

/// Recursive descent over the three precedences; depth is bounded.
class SelectionParser {
 public:
  using Node = Selection::Node;
  using NodePtr = std::shared_ptr<const Node>;

  explicit SelectionParser(std::string_view text) : text_(text) {}

  Result<Selection> parse() {
    advance();
    NodePtr root = disjunction(0);
    if (problem_.empty() && !token_.empty()) complain(fmt::format("`{}` is not expected here", visible(token_)));
    if (!problem_.empty()) return Error(Reason::rule_error, problem_);
    Selection selection;
    selection.root_ = std::move(root);
    return selection;
  }

 private:
  static constexpr int deepest = 64;

  void complain(const std::string& what) {
    if (problem_.empty()) problem_ = fmt::format("select `{}`: {}", visible(text_, 200), what);
  }

  /// Controls are called AC-17(2): goes to the closing parenthesis of one that is part of such a word.
  bool skip_enhancement(std::size_t begin) {
    if (!text_.substr(begin).starts_with(control_word)) return false;
    const std::size_t end = text_.find_first_of(" \t\r\n()", at_ + 1);
    if (end == std::string_view::npos || text_[end] != ')') return false;
    at_ = end;
    return true;
  }

  void advance() {
    while (at_ < text_.size() && std::isspace(static_cast<unsigned char>(text_[at_])) != 0) ++at_;
    const std::size_t begin = at_;
    if (at_ < text_.size() && (text_[at_] == '(' || text_[at_] == ')')) {
      ++at_;
    } else {
      while (at_ < text_.size() && std::isspace(static_cast<unsigned char>(text_[at_])) == 0 && text_[at_] != ')' &&
             (text_[at_] != '(' || skip_enhancement(begin)))
        ++at_;
    }
    token_ = text_.substr(begin, at_ - begin);
  }

  NodePtr many(Node::Kind kind, std::string_view joiner, NodePtr (SelectionParser::*part)(int), int depth) {
    NodePtr first = (this->*part)(depth);
    if (token_ != joiner) return first;
    auto node = std::make_shared<Node>();
    node->kind = kind;
    node->parts.push_back(std::move(first));
    while (token_ == joiner) {
      advance();
      node->parts.push_back((this->*part)(depth));
    }
    return node;
  }

  NodePtr disjunction(int depth) { return many(Node::Kind::disjunction, "or", &SelectionParser::conjunction, depth); }
  NodePtr conjunction(int depth) { return many(Node::Kind::conjunction, "and", &SelectionParser::operand, depth); }

  NodePtr operand(int depth) {
    auto node = std::make_shared<Node>();
    if (depth > deepest) {
      complain("it is nested too deeply");
      token_ = {};
      return node;
    }
    if (token_ == "not") {
      advance();
      node->kind = Node::Kind::negation;
      node->parts.push_back(operand(depth + 1));
      return node;
    }
    if (token_ == "(") {
      advance();
      NodePtr inner = disjunction(depth + 1);
      if (token_ != ")") complain("a closing `)` is missing");
      advance();
      return inner;
    }
    if (token_.empty() || token_ == ")" || token_ == "and" || token_ == "or")
      complain(token_.empty() ? std::string("a rule, glob, tag or severity is missing at the end")
                              : fmt::format("a rule, glob, tag or severity is missing before `{}`", token_));
    node->word = token_;
    advance();
    return node;
  }

  std::string_view text_;
  std::string_view token_;
  std::size_t at_ = 0;
  std::string problem_;
};

Result<Selection> Selection::parse(std::string_view text) { return SelectionParser(text).parse(); }

bool Selection::matches(const RuleRecord& rule, const Controls& controls) const {
  return root_->matches(rule, controls);
}

std::vector<std::string> Selection::unmatched(const std::vector<RuleRecord>& rules, const Controls& controls) const {
  std::vector<const Node*> words;
  root_->words(words);
  std::vector<std::string> unmatched;
  for (const Node* node : words)
    if (std::none_of(rules.begin(), rules.end(), [&](const RuleRecord& rule) { return node->matches(rule, controls); }))
      unmatched.push_back(node->word);
  return unmatched;
}

}  // namespace audit::core
