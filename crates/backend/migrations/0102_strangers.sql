-- Registrations that nobody approved are no longer kept.
DELETE FROM listed_providers WHERE entry LIKE '%"is_approved":false%';
