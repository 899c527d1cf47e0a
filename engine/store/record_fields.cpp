#include "store/record_fields.hpp"

namespace audit::store {
namespace {

enum class Kind : std::uint8_t { none, truth, integer, real, text, list, object };
constexpr std::size_t kinds = 7;

template <class Archive>
void put_members(Archive& archive, Of<Archive, Observation>& observation) {
  put(archive, observation.probe);
  put(archive, observation.endpoint);
  put_reason(archive, observation.reason);
  put(archive, observation.message);
  put_time(archive, observation.time);
  put(archive, observation.elapsed);
  put(archive, observation.local);
  put(archive, observation.remote);
  put(archive, observation.attempts);
  put(archive, observation.fields);
}

}  // namespace

void put(Writer& out, const Value& value) {
  out.number(value.state().index());
  if (const auto* truth = value.get_if<bool>()) put(out, *truth);
  if (const auto* integer = value.get_if<std::int64_t>()) put(out, *integer);
  if (const auto* real = value.get_if<double>()) put(out, *real);
  if (const auto* text = value.get_if<std::string>()) put(out, *text);
  if (const auto* list = value.get_if<Value::Array>())
    put_each(out, *list, [](Writer& to, const Value& item) { put(to, item); });
  if (const auto* object = value.get_if<Object>()) {
    out.number(object->size());
    for (const Object::Member& member : *object) {
      put(out, member.first);
      put(out, member.second);
    }
  }
}

void put(Reader& in, Value& value) {
  Kind kind = Kind::none;
  put_one_of(in, kind, kinds);
  if (++in.depth > Reader::deepest) in.fail();
  const auto read = [&in](auto into) {
    put(in, into);
    return Value(std::move(into));
  };
  switch (in.good() ? kind : Kind::none) {
    case Kind::none: value = Value(); break;
    case Kind::truth: value = read(false); break;
    case Kind::integer: value = read(std::int64_t{}); break;
    case Kind::real: value = read(double{}); break;
    case Kind::text: value = read(std::string()); break;
    case Kind::list: {
      Value::Array list;
      put_each(in, list, [](Reader& from, Value& item) { put(from, item); });
      value = std::move(list);
      break;
    }
    case Kind::object: {
      Object object;
      for (std::size_t left = in.count(); left > 0 && in.good(); --left) {
        const std::string_view name = in.bytes();
        put(in, object[name]);
      }
      value = std::move(object);
      break;
    }
  }
  --in.depth;
}

void put(Writer& out, const Observation& observation) { put_members(out, observation); }
void put(Reader& in, Observation& observation) { put_members(in, observation); }

void put(Writer& out, const ObservationPtr& observation) {
  if (!observation) return out.number(0);
  const auto [number, fresh] = out.meet(observation.get());
  out.number(number + 1);
  if (fresh) put(out, *observation);
}

void put(Reader& in, ObservationPtr& observation) {
  const std::uint64_t number = in.number();
  observation = nullptr;
  if (number == 0 || !in.good()) return;
  if (number <= in.met().size()) {
    observation = in.met()[number - 1];
  } else if (number == in.met().size() + 1) {
    const auto fresh = std::make_shared<Observation>();
    in.met().push_back(fresh);
    put(in, *fresh);
    observation = fresh;
  } else {
    in.fail();
  }
}

}  // namespace audit::store
