-- What lies within a place, summed by day, so that a country is looked at as fast as a street. Kept by what
-- stores observations; `listDailyCounts` over everything within says the same, slower.

create table within_day (
  metric text not null,
  place text not null,
  day date not null,
  n bigint not null,
  k bigint not null,

  constraint one_sum_per_place_and_day primary key (metric, place, day)
);

insert into within_day (metric, place, day, n, k)
with recursive above as (
  select id as subject, parent as place from subject where parent is not null
  union
  select above.subject, s.parent
  from above join subject s on s.id = above.place
  where s.parent is not null
)
select o.metric, a.place, o.day, sum(o.n), sum(o.k)
from observation o join above a on a.subject = o.subject
group by o.metric, a.place, o.day;
