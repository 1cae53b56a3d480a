# Rack 2.2 itself (package ruby-rack). Reads a list of query strings; writes for each {"value": ...} with objects as lists of
# pairs (so that their order shows), or {"error": message}.
require 'json'
require 'rack'

def shape(value)
  case value
  when Hash then { 'pairs' => value.map { |key, inner| [key.dup.force_encoding('UTF-8').scrub, shape(inner)] } }
  when Array then value.map { |inner| shape(inner) }
  when String then value.dup.force_encoding('UTF-8').scrub
  else value
  end
end

answers = JSON.parse($stdin.read).map { |text|
  begin
    { 'value' => shape(Rack::Utils.parse_nested_query(text)) }
  rescue StandardError => e
    { 'error' => e.message.dup.force_encoding('UTF-8').scrub }
  end
}
puts JSON.generate(answers, max_nesting: 1_000)
