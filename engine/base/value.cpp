#include "base/value.hpp"

#include <algorithm>
#include <stdexcept>

namespace audit {
namespace {

constexpr std::size_t usual_members = 8;  // room that the first of them makes

template <class Members>
auto place_of(Members& members, std::string_view name) noexcept {
  return std::lower_bound(
      members.begin(), members.end(), name,
      [](const Object::Member& member, std::string_view sought) { return sought.compare(member.first) > 0; });
}

template <class Members>
auto find_in(Members& members, std::string_view name) noexcept {
  const auto place = place_of(members, name);
  return place != members.end() && place->first == name ? place : members.end();
}

}  // namespace

Object::Object() noexcept = default;
Object::Object(std::initializer_list<Member> members) {
  members_.reserve(members.size());
  for (const Member& member : members)
    if (!contains(member.first)) (*this)[member.first] = member.second;
}
Object::Object(const Object& other) = default;
Object::Object(Object&& other) noexcept = default;
Object& Object::operator=(const Object& other) = default;
Object& Object::operator=(Object&& other) noexcept = default;
Object::~Object() = default;

Value& Object::operator[](std::string_view name) {
  if (members_.capacity() == 0) members_.reserve(usual_members);
  if (members_.empty() || name.compare(members_.back().first) > 0) {  // who adds many does so in their order
    std::string own(name);
    Member& last = members_.emplace_back();
    last.first = std::move(own);
    return last.second;
  }
  const auto place = place_of(members_, name);
  if (place != members_.end() && place->first == name) return place->second;
  return members_.insert(place, Member{std::string(name), Value()})->second;
}

const Value& Object::at(std::string_view name) const {
  const auto found = find(name);
  if (found == end()) throw std::out_of_range("no member " + std::string(name));
  return found->second;
}

Value& Object::at(std::string_view name) {
  const auto found = find(name);
  if (found == end()) throw std::out_of_range("no member " + std::string(name));
  return found->second;
}

Object::iterator Object::find(std::string_view name) noexcept { return find_in(members_, name); }
Object::const_iterator Object::find(std::string_view name) const noexcept { return find_in(members_, name); }
bool Object::contains(std::string_view name) const noexcept { return find(name) != end(); }
Object::iterator Object::erase(const_iterator member) { return members_.erase(member); }

std::size_t Object::erase(std::string_view name) {
  const auto found = find(name);
  if (found == end()) return 0;
  members_.erase(found);
  return 1;
}

void Object::clear() noexcept { members_.clear(); }
void Object::reserve(std::size_t members) { members_.reserve(members); }
bool Object::operator==(const Object& other) const { return members_ == other.members_; }

const Value* Value::find(std::string_view key) const {
  const auto* object = get_if<Object>();
  if (object == nullptr) return nullptr;
  const auto member = object->find(key);
  return member == object->end() ? nullptr : &member->second;
}

}  // namespace audit
