# RE2 itself (package ruby-re2), as GitLab's UntrustedRegexp uses it: `scan`, and whether it found anything.
# Reads {"patterns": [...], "texts": [...]}, writes one answer a pattern: "invalid", or one of 0 and 1 for each text.
require 'json'
require 're2'

question = JSON.parse($stdin.read)
answers = question.fetch('patterns').map do |pattern|
  regexp = RE2::Regexp.new(pattern, log_errors: false)
  next 'invalid' unless regexp.ok?

  scanner = regexp.number_of_capturing_groups.zero? ? RE2::Regexp.new("(#{regexp.source})") : regexp
  question.fetch('texts').map { |text| scanner.scan(text).to_a.empty? ? '0' : '1' }.join
end
puts JSON.generate(answers)
