#include "tests/engine/fake_device/fake_backend.h"

#include <fmt/format.h>

#include <algorithm>
#include <new>

#include "engine/finite_weights.h"
#include "engine/host/host_backend.h"
#include "kernels/pack.h"

namespace engram::test {
namespace {

FakeBackend* latest_backend = nullptr;
std::size_t arena_limit = SIZE_MAX;

// Pages in the arena; copies wait for their turn.
class FakeKvMemory final : public KvMemory {
 public:
  FakeKvMemory(std::shared_ptr<FakeDevice> device, std::shared_ptr<HalfKvMemory> pages)
      : device_(std::move(device)), pages_(std::move(pages)) {}
  ~FakeKvMemory() override {
    device_->submit([pages = std::move(pages_)] {}, FakeDevice::Kind::kAlways);
  }
  std::size_t n_pages() const override { return pages_->n_pages(); }
  std::size_t page_bytes() const override { return pages_->page_bytes(); }
  void copy(PageId from, PageId to, std::size_t n_tokens) override {
    device_->submit([pages = pages_, from, to, n_tokens] { pages->copy(from, to, n_tokens); },
                    FakeDevice::Kind::kAlways);
  }
  const std::shared_ptr<HalfKvMemory>& pages() const { return pages_; }

 private:
  std::shared_ptr<FakeDevice> device_;
  std::shared_ptr<HalfKvMemory> pages_;
};

}  // namespace

// Each operation becomes work of the device: the host's, on what is in the arena.
class FakeBackend::Operations final : public Decoder {
 public:
  struct Buffers {
    FakeDevice::Buffer input;   // what a batch is of, see begin()
    FakeDevice::Buffer logits;  // [kMaxBatch, vocabulary]
    FakeDevice::Buffer chosen;  // [kMaxBatch]
  };
  Operations(FakeBackend& backend, Buffers buffers)
      : device_(*backend.device_),
        buffers_(std::move(buffers)),
        vocab_size_(backend.config_.vocab_size),
        host_(backend.config_, backend.kernels_, backend.pool_, backend.precision_,
              backend.tensors_, device_.arena()) {
    submit([this] { host_.use_rope_factors(); });
  }

  // Uploads for each segment: cached tokens, logits wanted, trunk, tokens shared with it, numbers
  // of tokens and pages, then those.
  void begin(std::span<const Segment> segments) override {
    std::vector<std::uint32_t> words;
    std::vector<std::shared_ptr<HalfKvMemory>> memories;
    n_logits_ = 0;
    for (const Segment& s : segments) {
      memories.push_back(dynamic_cast<const FakeKvMemory&>(s.cache->memory()).pages());
      for (const std::size_t n : {s.cache->size(), s.n_logits, s.trunk, s.n_shared, s.tokens.size(),
                                  s.cache->pages.size()}) {
        words.push_back(static_cast<std::uint32_t>(n));
      }
      for (const TokenId id : s.tokens) words.push_back(static_cast<std::uint32_t>(id));
      words.insert(words.end(), s.cache->pages.begin(), s.cache->pages.end());
      n_logits_ += s.n_logits;
    }
    device_.upload(buffers_.input, std::as_bytes(std::span(words)));
    submit([this, memories = std::move(memories)] { begin_on_device(memories); });
  }
  void embed() override {
    submit([this] { host_.embed(); });
  }
  void norm(const Norm& w) override {
    submit([=, this] { host_.norm(w); });
  }
  void project_qkv(const Linear& q, const Linear& k, const Linear& v) override {
    submit([=, this] { host_.project_qkv(q, k, v); });
  }
  void norm_heads(VectorId q, VectorId k) override {
    submit([=, this] { host_.norm_heads(q, k); });
  }
  void rope(RopePairs pairs, std::size_t layer) override {
    submit([=, this] { host_.rope(pairs, layer); });
  }
  void attend(std::size_t layer) override {
    submit([=, this] { host_.attend(layer); });
  }
  void add_attention_output(const Linear& output, const Join& join) override {
    submit([=, this] { host_.add_attention_output(output, join); });
  }
  void project_latent(const LatentAttention& w) override {
    submit([=, this] { host_.project_latent(w); });
  }
  void expand_values(const LatentAttention& w) override {
    submit([=, this] { host_.expand_values(w); });
  }
  void gated_feed_forward(MatrixId gate, MatrixId up, MatrixId down, Nonlinearity f,
                          const Join& join) override {
    submit([=, this] { host_.gated_feed_forward(gate, up, down, f, join); });
  }
  void feed_forward(const Linear& up, const Linear& down, Nonlinearity f,
                    const Join& join) override {
    submit([=, this] { host_.feed_forward(up, down, f, join); });
  }
  void expert_feed_forward(const Experts& w) override {
    submit([=, this] { host_.expert_feed_forward(w); });
  }
  void logits(const Norm& norm, MatrixId head, std::span<float> out) override {
    const std::size_t n = n_logits_ * vocab_size_;
    submit([=, this] {
      host_.logits(norm, head, {reinterpret_cast<float*>(buffers_.logits->data()), n});
    });
    if (!out.empty()) device_.download(buffers_.logits, std::as_writable_bytes(out.first(n)));
  }
  void choose(std::span<TokenId> out) override {
    submit([this, n = out.size()] {
      host_.choose({reinterpret_cast<TokenId*>(buffers_.chosen->data()), n});
    });
    device_.download(buffers_.chosen, std::as_writable_bytes(out));
  }

 private:
  void submit(FakeDevice::Work work) { device_.submit(std::move(work)); }

  void begin_on_device(const std::vector<std::shared_ptr<HalfKvMemory>>& memories) {
    const auto* word = reinterpret_cast<const std::uint32_t*>(buffers_.input->data());
    std::vector<KvCache> caches;
    std::vector<std::vector<TokenId>> tokens;
    std::vector<Segment> segments;
    caches.reserve(memories.size());
    tokens.reserve(memories.size());
    for (const auto& memory : memories) {
      KvCache& cache = caches.emplace_back(memory);
      cache.set_size(word[0]);
      Segment& segment = segments.emplace_back();
      segment.n_logits = word[1];
      segment.trunk = word[2];
      segment.n_shared = word[3];
      const std::size_t n_tokens = word[4], n_pages = word[5];
      word += 6;
      segment.tokens = tokens.emplace_back(word, word + n_tokens);
      cache.pages.assign(word + n_tokens, word + n_tokens + n_pages);
      word += n_tokens + n_pages;
      segment.cache = &cache;
    }
    host_.begin(segments);
  }

  FakeDevice& device_;
  const Buffers buffers_;
  const std::size_t vocab_size_;
  std::size_t n_logits_ = 0;  // of the batch
  HostDecoder host_;
};

FakeBackend::FakeBackend(const ModelConfig& config, const KernelTable& kernels,
                         const TransformerOptions& options)
    : config_(config),
      kernels_(kernels),
      precision_(precision_of(config, options)),
      device_(std::make_shared<FakeDevice>()),
      pool_(std::max(options.threads, 1U)) {
  device_->arena().set_limit(arena_limit);
  latest_backend = this;
}

FakeBackend::~FakeBackend() {
  (void)device_->wait(device_->fence());  // its work is on what goes now
  if (latest_backend == this) latest_backend = nullptr;
}

FakeBackend* FakeBackend::latest() { return latest_backend; }
void FakeBackend::set_arena_limit(std::size_t bytes) { arena_limit = bytes; }

Decoder& FakeBackend::decoder() { return *operations_; }

Result<const std::byte*> FakeBackend::place(std::span<const std::byte> bytes) {
  ENGRAM_TRY(buffer, device_->allocate(bytes.size()));
  device_->upload(buffer, bytes);
  weights_.push_back(buffer);
  return static_cast<const std::byte*>(buffer->data());
}

Result<Matrix> FakeBackend::place_matrix(const GgufTensor& tensor) {
  Matrix m = matrix_of(tensor);
  weight_bytes_ += host_bytes(m, kernels_);
  std::vector<std::byte> packed;
  std::span<const std::byte> bytes = tensor.data;
  if (kernels_.packed) {
    packed.resize(packed_bytes(m.type, m.rows, m.cols));
    pack_groups(m.type, tensor.data.data(), m.rows, m.cols, 0, (m.rows + kRowGroup - 1) / kRowGroup,
                packed.data());
    bytes = packed;
  }
  ENGRAM_TRY(data, place(bytes));
  m.data = data;
  return m;
}

Result<void> FakeBackend::place_all(const WeightSources& sources) {
  for (const GgufTensor* tensor : sources.matrices) {
    ENGRAM_TRY(matrix, place_matrix(*tensor));
    tensors_.matrices.push_back(matrix);
  }
  for (const auto& vector : sources.vectors) {
    ENGRAM_TRY(data, place(std::as_bytes(std::span(vector))));
    tensors_.vectors.push_back(reinterpret_cast<const float*>(data));
  }
  tensors_.rope_factors = tensors_[sources.rope_factors];
  tensors_.embedding = matrix_of(*sources.embedding);
  ENGRAM_TRY(embedding, place(sources.embedding->data));
  tensors_.embedding.data = embedding;
  return {};
}

Result<void> FakeBackend::load(WeightSources sources, std::stop_token stop) {
  constexpr std::size_t kInputBytes = std::size_t{1} << 20U;
  pool_.set_stop(std::move(stop));
  auto checked = check_finite(*sources.file, sources.matrices, pool_);
  pool_.set_stop({});
  ENGRAM_TRY_VOID(std::move(checked));
  Operations::Buffers buffers;
  const auto with_file = [&](const Error& error) {
    return Error{error.code,
                 fmt::format("cannot load {}: {}", sources.file->path().string(), error.message)};
  };
  if (const auto placed = place_all(sources); !placed) return with_file(placed.error());
  for (const auto& [buffer, bytes] :
       {std::pair{&buffers.input, kInputBytes},
        std::pair{&buffers.logits, Decoder::kMaxBatch * config_.vocab_size * sizeof(float)},
        std::pair{&buffers.chosen, Decoder::kMaxBatch * sizeof(TokenId)}}) {
    auto made = device_->allocate(bytes);
    if (!made) return with_file(made.error());
    *buffer = *std::move(made);
  }
  try {
    operations_ = std::make_unique<Operations>(*this, std::move(buffers));
  } catch (const std::bad_alloc&) {
    return with_file({Errc::kBusy, "the device has no room for its activations"});
  }
  if (const auto done = device_->wait(device_->fence()); !done) return with_file(done.error());
  damaged_ = sources.file->damaged();
  return {};
}

std::size_t FakeBackend::kv_page_bytes() const {
  return HalfKvMemory::page_bytes_of(kv_shape(config_));
}

Result<std::shared_ptr<KvMemory>> FakeBackend::make_kv_memory(std::size_t n_pages) {
  ENGRAM_TRY(pages, HalfKvMemory::create(kv_shape(config_), n_pages, device_->arena()));
  device_->submit([pages] { std::ranges::fill(pages->all(), std::uint16_t{0}); },
                  FakeDevice::Kind::kAlways);
  return std::shared_ptr<KvMemory>(std::make_shared<FakeKvMemory>(device_, std::move(pages)));
}

constinit const BackendKind kFakeBackend{
    .name = "fake",
    .make = [](const ModelConfig& config,
               const TransformerOptions& options) -> Result<std::unique_ptr<Backend>> {
      ENGRAM_TRY(kernels, choose_kernels(options.kernels, "ref"));
      return std::unique_ptr<Backend>(std::make_unique<FakeBackend>(config, *kernels, options));
    }};

namespace {
[[maybe_unused]] const bool kKnown = (add_backend_kind(kFakeBackend), true);
}  // namespace

}  // namespace engram::test
