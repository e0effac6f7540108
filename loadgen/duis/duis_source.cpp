#include "loadgen/duis/duis_source.h"

#include "core/check.h"
#include "loadgen/duis/signed_corpus.h"
#include "loadgen/duis/signing_pool.h"

namespace s1flow::loadgen {
namespace {

class DuisWriter : public RequestWriter {
 public:
  explicit DuisWriter(const std::shared_ptr<const RequestPlan>& requests)
      : requests_(*requests), maker_(requests) {}
  [[nodiscard]] std::uint16_t class_of(std::uint64_t number) const override {
    return requests_.choose(number).class_index;
  }
  [[nodiscard]] Request write(std::uint64_t number) override { return sign_now(number); }
  [[nodiscard]] Status write_second(const JoinKey& key, std::string_view reply,
                                    std::string& to) override {
    return maker_.make_second(key, reply, to);
  }

 protected:
  [[nodiscard]] Request sign_now(std::uint64_t number) {
    const auto made = maker_.make(number, bytes_);
    S1FLOW_CHECK(made.has_value());
    return {bytes_, made->class_index, made->key};
  }
  const RequestPlan& requests_;

 private:
  RequestMaker maker_;
  std::string bytes_;
};

class AheadWriter final : public DuisWriter {
 public:
  AheadWriter(const std::shared_ptr<const RequestPlan>& requests, SigningPool& pool,
              const Plan& schedule, const WriterPlace& place)
      : DuisWriter(requests),
        queue_(pool, schedule, place.index, place.threads, requests->settings().ahead) {}
  [[nodiscard]] Request write(std::uint64_t number) override {
    if (const SigningPool::Slot* slot = queue_.take(number))
      return {slot->bytes, slot->made.class_index, slot->made.key};
    ++late_;
    return sign_now(number);
  }
  [[nodiscard]] std::uint64_t unsigned_in_time() const override { return late_; }

 private:
  AheadQueue queue_;
  std::uint64_t late_ = 0;
};

class CorpusWriter final : public DuisWriter {
 public:
  CorpusWriter(const std::shared_ptr<const RequestPlan>& requests, const SignedCorpus& corpus)
      : DuisWriter(requests), corpus_(corpus) {}
  [[nodiscard]] Request write(std::uint64_t number) override {
    const auto choice = requests_.choose(number);
    const codecs::duis::MessageId& id = choice.values.id;
    return {corpus_.bytes(number),
            choice.class_index,
            {id.originator.value(), id.target.value(), id.counter}};
  }

 private:
  const SignedCorpus& corpus_;
};

class DuisSource final : public RequestSource {
 public:
  DuisSource(std::shared_ptr<const RequestPlan> requests, const Plan& schedule)
      : requests_(std::move(requests)), schedule_(schedule) {}
  Status prepare() {
    const DuisSettings& s = requests_->settings();
    if (s.signing == Signing::corpus && s.corpus.empty()) {
      S1FLOW_TRY(corpus_, SignedCorpus::make(requests_, schedule_));
    } else if (s.signing == Signing::corpus) {
      S1FLOW_TRY(corpus_, SignedCorpus::open(s.corpus, requests_, schedule_));
    }
    if (s.signing == Signing::ahead)
      pool_ = std::make_unique<SigningPool>(requests_, static_cast<unsigned>(s.sign_threads));
    return {};
  }
  [[nodiscard]] std::span<const RequestClass> classes() const override {
    return requests_->classes();
  }
  [[nodiscard]] std::unique_ptr<RequestWriter> writer(const WriterPlace& place) const override {
    if (pool_) return std::make_unique<AheadWriter>(requests_, *pool_, schedule_, place);
    if (corpus_) return std::make_unique<CorpusWriter>(requests_, *corpus_);
    return std::make_unique<DuisWriter>(requests_);
  }

 private:
  std::shared_ptr<const RequestPlan> requests_;
  const Plan& schedule_;
  std::optional<SignedCorpus> corpus_;
  std::unique_ptr<SigningPool> pool_;
};

}  // namespace

Result<std::unique_ptr<RequestSource>> make_duis_source(std::shared_ptr<const RequestPlan> requests,
                                                        const Plan& schedule) {
  auto source = std::make_unique<DuisSource>(std::move(requests), schedule);
  S1FLOW_TRY_VOID(source->prepare());
  return source;
}

}  // namespace s1flow::loadgen
