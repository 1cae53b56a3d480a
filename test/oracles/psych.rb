# What GitLab's loader (Ruby's Psych in safe mode) makes of the first document of a YAML text: {"tree": ...} or
# {"error": "..."}. A tree is [kind, text] for a scalar, with kind s, i, f, b or n, {"seq": [...]},
# {"map": [[key, value], ...]} or {"ref": [...]}.
#
#   ruby test/oracles/psych.rb < texts                          a JSON list of texts; prints the list of answers
#   ruby test/oracles/psych.rb --record fixtures/yaml/*.jsonl   rewrites the answers beside each "yaml"
require 'json'
require 'yaml'

class Reference
  attr_reader :seq

  def init_with(coder)
    @seq = coder.type == :seq ? coder.seq : nil
  end
end
YAML.add_tag('!reference', Reference)

def tree(value, depth = 0)
  raise 'The parsed YAML is too big' if depth > 100

  case value
  when nil then ['n', '']
  when true, false then ['b', value.to_s]
  when Integer then ['i', value.to_s]
  when Float then ['f', value.to_s]
  when String, Symbol then ['s', value.to_s.dup.force_encoding('UTF-8').scrub]
  when Array then { seq: value.map { |item| tree(item, depth + 1) } }
  when Hash then { map: value.map { |key, item| [key(key), tree(item, depth + 1)] } }
  when Reference
    valid = value.seq && !value.seq.empty? && value.seq.all? { |part| part.is_a?(String) || part.is_a?(Symbol) }
    raise 'not a valid reference' unless valid

    { ref: value.seq.map(&:to_s) }
  else raise "unexpected #{value.class}"
  end
end

def key(value)
  return ['n', value.inspect] if value.is_a?(Array) || value.is_a?(Hash)

  tree(value)
end

def load(text)
  { tree: tree(YAML.safe_load(text, permitted_classes: [Symbol, Reference], aliases: true)) }
rescue Psych::SyntaxError, Psych::DisallowedClass => e
  { error: e.message }
rescue Psych::BadAlias => e
  # The wording of the version that GitLab runs.
  { error: e.message.sub('An alias referenced an unknown anchor: ', 'Unknown alias: ') }
rescue ArgumentError, TypeError
  { error: 'Invalid YAML syntax' }
rescue RuntimeError => e
  { error: e.message }
end

def generate(value)
  JSON.generate(value, max_nesting: 300, script_safe: true)
end

if ARGV.first == '--record'
  ARGV.drop(1).each do |file|
    rows = File.readlines(file).map { |line| JSON.parse(line)['yaml'] }.uniq
    File.write(file, rows.map { |yaml| "#{generate({ yaml: yaml, **load(yaml) })}\n" }.join)
  end
else
  puts generate(JSON.parse($stdin.read).map { |text| load(text) })
end
