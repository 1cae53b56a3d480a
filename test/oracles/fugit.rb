# What Debian's fugit makes of schedules. Reads [[cron, zone, start, n], ...] with starts in seconds since 1970; writes for
# each the next n runs in seconds, null where fugit refuses, or the name of the error that it raises.
# As GitLab does it: the zone stands behind the expression, and the search starts from a time in UTC.
require 'json'
require 'fugit'

puts JSON.generate(JSON.parse($stdin.read).map { |cron, zone, start, count|
  begin
    schedule = Fugit::Cron.parse("#{cron} #{zone}")
    time = EtOrbi::EoTime.new(start, 'UTC')
    schedule && Array.new(count) { (time = schedule.next_time(time)).to_i }
  rescue StandardError => error
    error.class.name
  end
})
